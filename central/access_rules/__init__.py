"""Levels, schedules and blocks, and the stream of rule changes that gates follow."""
