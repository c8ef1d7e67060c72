"""Cards and codes."""
