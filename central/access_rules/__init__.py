"""Levels, schedules, special days and blocks, and the stream of rule changes that gates follow."""
