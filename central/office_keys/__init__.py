"""Keys that the office keeps, lends and takes back."""
