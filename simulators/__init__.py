"""Devices, traffic and whole sites that speak the real wires: the product cannot tell them from the hardware."""
