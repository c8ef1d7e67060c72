"""The agent of one gate: lanes and barrier, journal, cameras, booth, sync."""
