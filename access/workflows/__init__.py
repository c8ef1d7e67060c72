"""The records that pass between office and gates, as state machines: used by edge and central alike."""
