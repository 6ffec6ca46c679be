"""The work itself, told in terms of services; knows nothing of Dagster."""
