"""Parking spaces, and the quotas that they make: how many cars of a household or company may be inside."""
