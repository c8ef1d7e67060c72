"""Who looked at whom, and why: reveals of masked values, other looks, and the review of them for leaks."""
