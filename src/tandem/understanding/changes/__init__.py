"""Changes of what is there: which record the words name, and what about it becomes different."""
