"""NuGet in Dagster: when it is ingested and when it is updated."""

from src.dagster_app.factory import build_package_assets
from src.schemas.ecosystem import Ecosystem

NUGET = build_package_assets(
    Ecosystem.NUGET, title="NuGet", ingest_cron="0 5 * * 0", update_cron="0 20 * * *"
)
nuget_package_ingestion = NUGET.ingestion
nuget_packages_updates = NUGET.updates
