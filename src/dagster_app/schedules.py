"""Every schedule. All times are UTC."""

from src.dagster_app.assets import PACKAGE_ASSETS
from src.dagster_app.assets.osv_assets import reconcile_schedule, sync_schedule
from src.dagster_app.assets.redis_queue_assets import queue_schedule

all_schedules = [
    *(schedule for bundle in PACKAGE_ASSETS for schedule in bundle.schedules),
    queue_schedule,
    sync_schedule,
    reconcile_schedule,
]
