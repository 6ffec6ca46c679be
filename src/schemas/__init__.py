"""Values that flow through the pipeline: no input or output happens here."""
