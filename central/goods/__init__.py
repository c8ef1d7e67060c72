"""Release slips, and their daily reconciliation."""
