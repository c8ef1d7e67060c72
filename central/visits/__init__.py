"""Visits, hosts' links, and who is not to be admitted."""
