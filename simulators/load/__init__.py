"""The load tool: many pretended gates that send real entries to a real registry, and what becomes of them."""
