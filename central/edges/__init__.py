"""Edges: enrolment, and the proof of who is speaking."""
