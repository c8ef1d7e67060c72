"""Bikes and people on foot, where no reader is."""
