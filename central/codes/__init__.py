"""Codes that are printed or shown on a phone, as pictures."""
