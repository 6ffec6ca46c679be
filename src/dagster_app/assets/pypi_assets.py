"""PyPI in Dagster: when it is ingested and when it is updated."""

from src.dagster_app.factory import build_package_assets
from src.schemas.ecosystem import Ecosystem

PYPI = build_package_assets(
    Ecosystem.PYPI, title="PyPI", ingest_cron="0 2 * * 0", update_cron="0 10 * * *"
)
pypi_package_ingestion = PYPI.ingestion
pypi_packages_updates = PYPI.updates
