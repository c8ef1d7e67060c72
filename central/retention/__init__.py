"""What the registry lets go of in its time: traces of its own work, and of each site what its profile says."""
