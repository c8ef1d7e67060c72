"""Contractor passes: the board of duplicates that hang at this post."""
