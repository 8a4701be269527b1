"""A grammar of everyday requests, English and Chinese: which tool, which words for which slot."""
