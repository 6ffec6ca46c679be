"""Records of the OSV database: read, stored, matched with versions and scored; no input or output."""
