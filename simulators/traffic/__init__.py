"""Vehicles and people that come to a gate: what they will do is planned from a seed, then acted out on real wires."""
