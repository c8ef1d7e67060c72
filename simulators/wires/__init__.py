"""Pretended hardware on the far side of real wires: the programs of a gate cannot tell it from the real thing."""
