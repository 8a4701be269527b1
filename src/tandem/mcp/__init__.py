"""The Model Context Protocol both ways; its SDK is an extra (`pip install tandem[mcp]`)."""
