"""The conflict ledger: what gates that were cut off did and that does not go together, until a person has signed it off."""
