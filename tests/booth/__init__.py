"""The whole booth: a guard's browser on a running gate with its registry, its wires and its road."""
