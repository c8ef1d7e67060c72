"""What guards did at booths, as gates' journals tell it: the registry's records follow."""
