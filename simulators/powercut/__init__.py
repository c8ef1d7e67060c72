"""Power cuts without pulling a plug: what a program asked of its files is written down, and replayed up to any moment."""
