"""The entry log: search, one entry, the story of its passage."""
