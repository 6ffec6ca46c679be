"""A real Neo4j Community, as its jars from Maven Central and the Java that is installed.

Each test process starts one of its own, so that tests may run beside each other; with
`--dist loadgroup` all Neo4j tests share one process, and so one server.
"""

import fcntl
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import DriverError, Neo4jError

from tests.servers.process import HOST, free_port, running
from tests.servers.requirement import missing_server

DOWNLOAD_SECONDS = 900
POM = Path(__file__).parent / "neo4j" / "pom.xml"
JARS = Path(__file__).parents[2] / ".ssc"
USER = "neo4j"
FIRST_PASSWORD = "neo4j"
PASSWORD = "a password: 'with' \"quotes\" @ and %20"
OPENED = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch")
SETTINGS = """
server.bolt.listen_address={host}:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size=64m
db.tx_log.preallocate=false
dbms.usage_report.enabled=false
"""


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """Address, user and password of a Neo4j that this test process has for itself."""
    jars = neo4j_jars()
    home = tmp_path_factory.mktemp("neo4j")
    port = free_port()
    (home / "conf").mkdir()
    (home / "conf" / "neo4j.conf").write_text(SETTINGS.format(host=HOST, port=port))
    command = [
        _program("java"),
        *("-Xms256m", "-Xmx640m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *(f"--add-opens={package}=ALL-UNNAMED" for package in OPENED),
        *("-cp", f"{jars}/*", "org.neo4j.server.CommunityEntryPoint"),
        *(f"--home-dir={home}", f"--config-dir={home / 'conf'}"),
    ]
    uri = f"bolt://{HOST}:{port}"
    with running(command, folder=home, answers=lambda: _set_password(uri)):
        yield uri, USER, PASSWORD


def neo4j_jars() -> Path:
    """Return the folder of the server's jars, fetched by Maven the first time."""
    folder = JARS / f"neo4j-{_version()}" / "lib"
    JARS.mkdir(exist_ok=True)
    with (JARS / "neo4j.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    # Half a download must not look like a whole one.
    with tempfile.TemporaryDirectory(dir=folder.parent) as part:
        command = [
            *(_program("mvn"), "-B", "-q", "-f", str(POM), "dependency:copy-dependencies"),
            f"-DoutputDirectory={part}/lib",
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=DOWNLOAD_SECONDS)
        except subprocess.TimeoutExpired:
            missing_server(f"Maven did not fetch Neo4j within {DOWNLOAD_SECONDS} s")
        except subprocess.CalledProcessError as error:
            missing_server(f"Maven could not fetch Neo4j: {error.stdout.decode()[-500:]}")
        (Path(part) / "lib").rename(folder)


def _version() -> str:
    namespace = {"m": "http://maven.apache.org/POM/4.0.0"}
    version = ET.parse(POM).getroot().findtext("m:properties/m:neo4j.version", None, namespace)
    assert version
    return version


def _program(name: str) -> str:
    return shutil.which(name) or missing_server(f"{name} is not installed")


def _set_password(uri: str) -> bool:
    """Tell whether the server takes statements, its first password being replaced."""
    try:
        with neo4j.GraphDatabase.driver(uri, auth=(USER, FIRST_PASSWORD)) as driver:
            driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
                {"old": FIRST_PASSWORD, "new": PASSWORD},
                database_="system",
            )
        with neo4j.GraphDatabase.driver(uri, auth=(USER, PASSWORD)) as driver:
            driver.execute_query("RETURN 1")
    except (DriverError, Neo4jError):
        return False
    return True
