"""The registry: what the office keeps, the rules it sends to the gates, and the journals that it takes up."""
