"""A gate's past, invented: weeks of passages through the gate's own core in virtual time, with rules that change meanwhile."""
