"""Pure functions: text and bytes in, values out."""
