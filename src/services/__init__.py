"""What talks to the outside: registries, the graph, the message stream."""
