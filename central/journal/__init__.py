"""The journals of the gates: taken in entry by entry, with their pictures."""
