"""Vehicles, by their plates."""
