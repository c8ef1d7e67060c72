"""Sites, gates and lanes."""
