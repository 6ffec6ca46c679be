"""What Maven repositories publish, read without any input or output."""
