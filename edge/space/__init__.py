"""Space on the disk: what each kind of file may take, what goes first where it is short, and when people are told."""
