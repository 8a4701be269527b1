"""What a request is made of before its words are read: conditions, quotes, references, tables."""
