"""From the name of a package to its nodes and edges in the graph."""
