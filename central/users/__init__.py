"""Users of the office: signing in, sessions, roles."""
