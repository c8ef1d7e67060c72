"""Places: buildings, units, zones, posts, the site's plan."""
