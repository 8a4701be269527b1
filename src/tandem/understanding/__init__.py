"""From a request to tool calls: what may be called, what was read, who reads it."""
