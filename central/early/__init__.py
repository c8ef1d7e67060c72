"""Alarms that came before their turn in the journal: shown at once, gone when the journal has come to them."""
