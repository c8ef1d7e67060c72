"""The shared heart of Gatehouse: who may pass, and what is written down. Pure: every clock, chance and fact is an argument."""
