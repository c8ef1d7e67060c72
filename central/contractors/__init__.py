"""Renovation permits and contractor passes."""
