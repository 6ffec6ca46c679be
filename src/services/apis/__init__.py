"""One client a registry."""
