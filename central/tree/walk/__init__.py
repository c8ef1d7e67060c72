"""The walk over everything that must not be rewritten: finds what does not fit, and says which entry."""
