"""What all records of a site have in common: how they are listed, created, changed, deleted, and told to the gates."""
