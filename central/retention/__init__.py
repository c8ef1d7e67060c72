"""What the registry lets go of in its time: traces of its own work, never journals, pictures or rules."""
