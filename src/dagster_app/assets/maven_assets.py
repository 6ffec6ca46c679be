"""Maven in Dagster: when it is ingested and when it is updated."""

from src.dagster_app.factory import build_package_assets
from src.schemas.ecosystem import Ecosystem

MAVEN = build_package_assets(
    Ecosystem.MAVEN, title="Maven", ingest_cron="0 4 * * 0", update_cron="0 14 * * *"
)
maven_package_ingestion = MAVEN.ingestion
maven_packages_updates = MAVEN.updates
