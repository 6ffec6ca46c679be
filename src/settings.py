"""Every setting, read from the environment (or a .env file) when asked for, never at import.

The default addresses of the registries stand here and nowhere else in the code.
"""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The environment of one process; template.env shows every variable with its meaning."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    graph_db_uri: str = "bolt://neo4j:7687"
    graph_db_user: str = "neo4j"
    graph_db_password: SecretStr = SecretStr("")

    vuln_db_uri: str = "mongodb://mongo:27017/admin"
    vuln_db_user: str = "mongoSecureChain"
    vuln_db_password: SecretStr = SecretStr("")
    """Of that user, where the address carries no credentials; without one nobody logs in."""

    redis_host: str = "localhost"
    redis_port: int = 6379
    redis_db: int = 0
    redis_stream: str = "package_extraction"
    redis_group: str = "extractors"
    redis_consumer: str = "package-consumer"

    postgres_user: str = "dagster"
    postgres_password: SecretStr = SecretStr("")
    postgres_db: str = "dagster"
    postgres_host: str = "dagster-postgres"
    postgres_port: int = 5432

    pypi_url: str = "https://pypi.org"
    pypi_files_url: str = "https://files.pythonhosted.org"

    npm_url: str = "https://registry.npmjs.org"
    npm_replicate_url: str = "https://replicate.npmjs.com"
    maven_url: str = "https://maven-central.storage-download.googleapis.com/maven2"
    cargo_index_url: str = "https://index.crates.io"
    cargo_static_url: str = "https://static.crates.io"
    rubygems_url: str = "https://rubygems.org"
    nuget_url: str = "https://api.nuget.org"
    osv_url: str = "https://osv-vulnerabilities.storage.googleapis.com"

    http_contact: str = ""
    """Mail or web address of the operator, told to registries in the User-Agent."""
    http_rate_per_second: float = Field(default=20.0, ge=0)
    """Requests a second and host; 0 sets no limit (for a mirror of one's own)."""
    maven_rate_per_second: float = Field(default=2.0, ge=0)
    """Maven's repositories block whole addresses for more than that."""
    http_concurrency: int = Field(default=20, ge=1)
    http_timeout_seconds: float = Field(default=30.0, gt=0)
    http_budget_seconds: float = Field(default=180.0, gt=0)
    """Time for one document, all retries and waits included."""

    cache_dir: Path = Path.home() / ".cache" / "securechain-ssc"
    fetch_concurrency: int = Field(default=20, ge=1)
    """Packages fetched at the same time."""
    write_batch_packages: int = Field(default=50, ge=1)
    write_batch_versions: int = Field(default=2000, ge=1)
    max_error_rate: float = Field(default=10.0, ge=0, le=100)
    """Percentage of failed packages above which a run fails."""
    compare_days: float = Field(default=14.0, ge=0)
    """Days after which an update compares the whole registry, because every feed loses something."""
    failure_retry_hours: float = Field(default=1.0, ge=0)
    """Hours after which an update tries a failed package again; doubled by each further failure."""
    failure_max_attempts: int = Field(default=10, ge=1)
    """Failures after which a package is left alone until its registry names it anew."""
    keep_development_requirements: bool = False
    """Whether the graph holds what only a package's own developers need; they are always counted."""
    discovery_budget: int = Field(default=10_000, ge=0)
    """Required packages not yet in the graph that one run extracts on top of its own."""
    queue_budget_seconds: float = Field(default=240.0, gt=0)
    """How long one run of the queue asset goes on reading."""
    queue_retry_seconds: float = Field(default=60.0, ge=0)
    """How long a message that failed for a passing reason rests before its next try."""
    queue_max_attempts: int = Field(default=10, ge=1)
    """Tries of a message; each waits twice as long as the one before, up to an hour."""
    queue_claim_seconds: float = Field(default=60.0, gt=0)
    """How long a consumer may be silent before others take over its messages."""
    queue_discovery_depth: int = Field(default=10, ge=0)
    """How many steps of requirements a message brings in; 0 for the package alone."""


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
