"""The demonstration: registry, broker, one gate and its simulated surroundings, started and stopped together."""
