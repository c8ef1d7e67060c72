"""Privacy: what people are told of their data, and a copy of it for who asks."""
