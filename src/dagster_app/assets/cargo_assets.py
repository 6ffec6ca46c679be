"""Cargo in Dagster: when it is ingested and when it is updated."""

from src.dagster_app.factory import build_package_assets
from src.schemas.ecosystem import Ecosystem

CARGO = build_package_assets(
    Ecosystem.CARGO, title="Cargo", ingest_cron="0 6 * * 0", update_cron="0 16 * * *"
)
cargo_package_ingestion = CARGO.ingestion
cargo_packages_updates = CARGO.updates
