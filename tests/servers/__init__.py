"""Real servers for tests, each started by this run alone and gone with it."""
