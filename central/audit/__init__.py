"""The audit: every change of a record, with who, when, from where, before, after and why."""
