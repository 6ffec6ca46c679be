"""Every asset, listed by hand: a module that is not named here is not loaded."""

from src.dagster_app.assets.pypi_assets import PYPI
from src.dagster_app.assets.redis_queue_assets import redis_queue_processor

PACKAGE_ASSETS = (PYPI,)

all_assets = [
    *(asset for bundle in PACKAGE_ASSETS for asset in (bundle.ingestion, bundle.updates)),
    redis_queue_processor,
]
