"""The dispute file: one passage with its pictures and proofs, and a small verifier that needs nothing of ours."""
