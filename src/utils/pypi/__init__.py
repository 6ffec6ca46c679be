"""Pure readers of what PyPI publishes: its documents, names, versions, requirements and files."""
