"""Real servers on this machine without Docker: the graph, the sample registry and Dagster."""
