"""Parsers for what the registry of crates publishes, and the version rules of Cargo."""
