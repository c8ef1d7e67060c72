"""The duty log, incidents and patrol rounds."""
