"""Shared facts: what each gate has contributed to the presence, for the other gates of its site."""
