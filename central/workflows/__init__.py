"""Records that state machines move: what may happen to a record is said in `access.workflows`; here it is kept and served."""
