"""Pure readers of what npm publishes: its listing, change feed, packuments, names and ranges."""
