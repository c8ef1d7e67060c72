"""Codecs of the boards that drive barriers and read loops, one a file."""
