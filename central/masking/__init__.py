"""Who sees which personal values: the kinds, the table by role, the masks, and the walk that applies them; pure."""
