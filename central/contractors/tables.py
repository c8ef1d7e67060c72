"""Tables of contractors."""
