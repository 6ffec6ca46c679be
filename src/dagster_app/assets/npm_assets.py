"""npm in Dagster: when it is ingested and when it is updated."""

from src.dagster_app.factory import build_package_assets
from src.schemas.ecosystem import Ecosystem

NPM = build_package_assets(
    Ecosystem.NPM, title="npm", ingest_cron="0 3 * * 0", update_cron="0 12 * * *"
)
npm_package_ingestion = NPM.ingestion
npm_packages_updates = NPM.updates
