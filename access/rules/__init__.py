"""The rules of a decision, one small function each, in the order in which they are asked."""
