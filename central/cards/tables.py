"""Tables of cards."""
