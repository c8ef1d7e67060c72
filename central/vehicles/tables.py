"""Tables of vehicles."""
