"""Drivers of the databases: open, run, close, and nothing else."""
