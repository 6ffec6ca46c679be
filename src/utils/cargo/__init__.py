"""Parsers for what crates.io publishes, and the version rules of Cargo."""
