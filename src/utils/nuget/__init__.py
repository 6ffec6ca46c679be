"""NuGet: pure parsers of its V3 documents, its names, versions and ranges."""
