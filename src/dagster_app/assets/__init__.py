"""Every asset, listed by hand: a module that is not named here is not loaded."""

from src.dagster_app.assets.cargo_assets import CARGO
from src.dagster_app.assets.maven_assets import MAVEN
from src.dagster_app.assets.npm_assets import NPM
from src.dagster_app.assets.nuget_assets import NUGET
from src.dagster_app.assets.osv_assets import osv_advisories
from src.dagster_app.assets.pypi_assets import PYPI
from src.dagster_app.assets.redis_queue_assets import redis_queue_processor
from src.dagster_app.assets.rubygems_assets import RUBYGEMS

PACKAGE_ASSETS = (PYPI, NPM, MAVEN, NUGET, CARGO, RUBYGEMS)

all_assets = [
    *(asset for bundle in PACKAGE_ASSETS for asset in (bundle.ingestion, bundle.updates)),
    redis_queue_processor,
    osv_advisories,
]
