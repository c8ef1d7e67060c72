"""Codecs of card and code readers, one a file; the names of gate.toml are in `devices.protocols`."""
