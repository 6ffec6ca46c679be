"""Keeping fresh what the graph already holds."""
