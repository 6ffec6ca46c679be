"""RubyGems in Dagster: when it is ingested and when it is updated."""

from src.dagster_app.factory import build_package_assets
from src.schemas.ecosystem import Ecosystem

RUBYGEMS = build_package_assets(
    Ecosystem.RUBYGEMS, title="RubyGems", ingest_cron="0 7 * * 0", update_cron="0 18 * * *"
)
rubygems_package_ingestion = RUBYGEMS.ingestion
rubygems_packages_updates = RUBYGEMS.updates
