"""The shift and its handover."""
