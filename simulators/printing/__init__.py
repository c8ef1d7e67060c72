"""Codes on paper: printed as the office prints them, and seen as a scanner's or a phone's camera sees them."""
