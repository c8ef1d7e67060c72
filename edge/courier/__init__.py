"""The courier: carries the journal up to the registry and the rules down from it. The gate does not need it to decide."""
