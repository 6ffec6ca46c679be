"""Which part of a configuration cannot be reached or is wrong, and what to do about it."""
