"""Erasure: a person's fields and salts go, chain and proofs still hold, the outcome of each decision stays."""
