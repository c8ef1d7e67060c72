"""Tables of access rules."""
