"""Visitors: found, registered, let in and out, cards lent."""
