"""Benchmarks: what an ingestion achieves, beside the floors that no ingestion can go below."""
