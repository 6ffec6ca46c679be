"""What Dagster loads: `dagster dev -m src.dagster_app`. Needs no environment, opens no connection."""

from src.dagster_app.definitions import build_definitions

defs = build_definitions()
