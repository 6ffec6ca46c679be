"""Runs `ssc` as `python -m src.cli`."""

from src.cli.main import app

if __name__ == "__main__":
    app(prog_name="ssc")
