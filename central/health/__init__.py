"""What each gate said last of how it is."""
