"""The desk program: the booth page, where the guard sees the lanes and acts."""
