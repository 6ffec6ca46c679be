"""Every schedule. All times are UTC."""

import dagster as dg

from src.dagster_app.assets import PACKAGE_ASSETS
from src.dagster_app.assets.osv_assets import reconcile_schedule, sync_schedule
from src.dagster_app.assets.redis_queue_assets import redis_queue_processor

queue_schedule = dg.ScheduleDefinition(
    name="redis_queue_processor",
    target=redis_queue_processor,
    cron_schedule="*/5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

all_schedules = [
    *(schedule for bundle in PACKAGE_ASSETS for schedule in bundle.schedules),
    queue_schedule,
    sync_schedule,
    reconcile_schedule,
]
