"""Changes of the rules: a draft, tried on the log before anybody approves it."""
