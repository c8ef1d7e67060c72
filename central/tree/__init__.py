"""Tamper evidence: one tree over the heads of all chains, published outside, and the walk that looks for what does not fit."""
