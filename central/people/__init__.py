"""Persons: who holds credentials."""
