"""Tables of rules changes."""
