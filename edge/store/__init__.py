"""What a gate keeps on disk: the journal, and the rules snapshots that it maps."""
