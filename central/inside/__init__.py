"""Who is inside and since when, how long stays last, what does not go together, and the timeline of a plate or person."""
