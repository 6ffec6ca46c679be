"""The `ssc` command."""
