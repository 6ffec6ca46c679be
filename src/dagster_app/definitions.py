"""The one place where assets, schedules and resources are put together."""

from collections.abc import Mapping

import dagster as dg

from src.dagster_app.assets import all_assets
from src.dagster_app.resources import default_resources
from src.dagster_app.schedules import all_schedules


def build_definitions(*, resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """Return all definitions; `resources` replaces defaults by key, for tests and the demo."""
    return dg.Definitions(
        assets=all_assets,
        schedules=all_schedules,
        resources={**default_resources(), **(resources or {})},
        # A run is one step: a process of its own for it would only cost time.
        executor=dg.in_process_executor,
    )
