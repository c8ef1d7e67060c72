"""Signed heads of the gates' journals: compared with what is stored here, countersigned, kept."""
