"""The files that production is made of say what the contract says, and agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from src.settings import Settings

ROOT = Path(__file__).parents[2]
HOME = "/opt/dagster/dagster_home"
APP = "/opt/dagster/app"
DAGSTER = ("dagster-daemon", "dagster-webserver")
# Read by Dagster, by Python or by the system, not by our settings.
OUTSIDE_SETTINGS = {
    "DAGSTER_HOME",
    "PYTHONPATH",
    "TMPDIR",
    "DAGSTER_DAEMON_HEARTBEAT_TOLERANCE",
}


def read_yaml(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def variables_of(value: object) -> set[str]:
    """Return every variable that a dagster.yaml takes from the environment."""
    if isinstance(value, dict):
        own = {value["env"]} if set(value) == {"env"} else set()
        return own.union(*(variables_of(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(variables_of(inner) for inner in value))
    return set()


@pytest.fixture(scope="module")
def compose() -> dict:
    return read_yaml("docker-compose.yml")


@pytest.fixture(scope="module")
def services(compose) -> dict:
    return compose["services"]


@pytest.fixture(scope="module")
def stages() -> list[str]:
    """The Dockerfile's stages, continued lines joined and comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    return re.split(r"(?m)^(?=FROM )", text.replace("\\\n", " "))[1:]


def test_there_are_four_services_on_the_external_network(compose, services):
    assert set(services) == {"dagster-postgres", "redis", *DAGSTER}
    assert compose["networks"] == {"securechain": {"external": True}}
    assert all(service["networks"] == ["securechain"] for service in services.values())


def test_images_and_data_are_those_of_the_contract(compose, services):
    assert services["dagster-postgres"]["image"] == "postgres:18"
    # Below /var/lib/postgresql/data, as before version 18, nothing would be kept.
    assert services["dagster-postgres"]["volumes"] == ["dagster_postgres_data:/var/lib/postgresql"]
    assert services["redis"]["image"] == "redis:7-alpine"
    assert services["redis"]["volumes"] == ["redis_data:/data"]
    durable = ["--appendonly", "yes", "--appendfsync", "always"]
    assert services["redis"]["command"] == ["redis-server", *durable]
    used = {v.split(":")[0] for service in services.values() for v in service.get("volumes", ())}
    assert used == set(compose["volumes"])


def test_only_the_queue_and_the_user_interface_are_reachable_from_outside(services):
    ports = {name: service.get("ports", []) for name, service in services.items()}
    assert ports == {
        "dagster-postgres": [],
        "redis": ["6379:6379"],
        "dagster-daemon": [],
        "dagster-webserver": ["3000:3000"],
    }


def test_everything_is_checked_and_starts_once_what_it_needs_is_healthy(services):
    assert all(service["healthcheck"]["test"] for service in services.values())
    healthy = {"condition": "service_healthy"}
    assert services["dagster-daemon"]["depends_on"] == {
        "dagster-postgres": healthy,
        "redis": healthy,
    }
    assert services["dagster-webserver"]["depends_on"] == {"dagster-daemon": healthy}


def test_daemon_and_webserver_run_our_definitions(services, stages):
    serve = ["dagster-webserver", "-h", "0.0.0.0", "-p", "3000", "-m", "src.dagster_app"]
    assert services["dagster-daemon"]["command"] == [
        "dagster-daemon",
        "run",
        "-m",
        "src.dagster_app",
    ]
    assert services["dagster-webserver"]["command"] == serve
    assert f"CMD {str(serve).replace(chr(39), chr(34))}" in stages[-1]


def test_daemon_and_webserver_share_environment_sockets_output_and_artifacts(services):
    daemon, webserver = (services[name] for name in DAGSTER)
    assert daemon["environment"] == webserver["environment"]
    assert daemon["volumes"] == webserver["volumes"]
    targets = {volume.split(":")[1] for volume in daemon["volumes"]}
    environment = daemon["environment"]
    folders = {environment["TMPDIR"], environment["CACHE_DIR"]}
    assert targets == folders | {f"{HOME}/storage", f"{HOME}/logs"}


def test_the_folders_of_the_volumes_exist_in_the_image_and_belong_to_its_user(services, stages):
    # A new volume takes the owner of the folder that it covers; a folder made by Docker is root's.
    made = re.search(r"mkdir -p ([^&]+)&& chown -R dagster:dagster /opt/dagster", stages[-1])
    assert made
    targets = {volume.split(":")[1] for volume in services["dagster-daemon"]["volumes"]}
    assert targets <= set(made[1].split())
    assert re.findall(r"(?m)^USER (.+)$", stages[-1]) == ["dagster"]


def test_the_image_is_built_by_uv_from_the_lock_without_the_groups_of_development(stages):
    assert [re.match(r"FROM (\S+)", stage)[1].split(":")[0] for stage in stages] == [
        "ghcr.io/astral-sh/uv",
        "python",
        "python",
    ]
    assert all("-slim" in stage.splitlines()[0] for stage in stages[1:])
    assert "uv sync --locked --no-default-groups" in stages[1]
    assert "uv" not in re.sub(r"\.venv", "", stages[2])
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert not [group for group in groups if f"--group {group}" in stages[1]]
    minor = int(re.match(r"FROM python:3\.(\d+)-slim", stages[2])[1])
    assert minor >= 12


def test_what_the_image_copies_is_let_through_by_dockerignore_and_nothing_more(stages):
    lines = (ROOT / ".dockerignore").read_text().split()
    assert lines[0] == "*"
    let_through = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = set()
    for stage in stages:
        for arguments in re.findall(r"(?m)^COPY (?!--from)(.+)$", stage):
            sources = [word for word in arguments.split() if not word.startswith("--")][:-1]
            copied.update(sources)
    assert copied == let_through
    assert all((ROOT / name).exists() for name in copied)
    assert {"dagster_home/storage", "dagster_home/logs", "dagster_home/.telemetry"} <= set(lines)


def test_the_instance_is_that_of_the_contract():
    config = read_yaml("dagster_home/dagster.yaml")
    assert set(config["storage"]) == {"postgres"}
    assert config["run_launcher"]["class"] == "DefaultRunLauncher"
    assert config["run_coordinator"]["class"] == "QueuedRunCoordinator"
    assert config["compute_logs"]["class"] == "LocalComputeLogManager"
    assert config["compute_logs"]["config"]["base_dir"] == f"{HOME}/logs"
    assert config["local_artifact_storage"]["class"] == "LocalArtifactStorage"
    assert config["local_artifact_storage"]["config"]["base_dir"] == f"{HOME}/storage"


def test_the_workspace_loads_our_module_from_the_image():
    (source,) = read_yaml("dagster_home/workspace.yaml")["load_from"]
    assert source["python_module"] == {"module_name": "src.dagster_app", "working_directory": APP}


def test_every_variable_of_production_is_a_setting_that_the_template_shows(services):
    settings = {name.upper() for name in Settings.model_fields}
    template = set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", (ROOT / "template.env").read_text()))
    read = variables_of(read_yaml("dagster_home/dagster.yaml"))
    assert read == {name for name in settings if name.startswith("POSTGRES_")}
    assert read <= template
    for name in DAGSTER:
        told = set(services[name]["environment"])
        # dagster.yaml knows no defaults, so what it reads must be set whatever .env leaves out.
        assert read <= told <= settings | OUTSIDE_SETTINGS
    database = set(services["dagster-postgres"]["environment"])
    assert database <= read
    for variable in database:
        values = {
            services[name]["environment"][variable] for name in (*DAGSTER, "dagster-postgres")
        }
        assert len(values) == 1


def test_hosts_and_folders_inside_the_network_are_fixed(services):
    for name in DAGSTER:
        environment = services[name]["environment"]
        assert environment["REDIS_HOST"] == "redis"
        assert environment["POSTGRES_HOST"] == Settings.model_fields["postgres_host"].default
        assert environment["POSTGRES_HOST"] in services
        assert (environment["DAGSTER_HOME"], environment["PYTHONPATH"]) == (HOME, APP)
        assert services[name]["env_file"] == ".env"


def test_no_password_is_written_down(services):
    for service in services.values():
        password = service.get("environment", {}).get("POSTGRES_PASSWORD")
        assert password is None or re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", password)


def test_development_mounts_the_code_and_the_instance():
    override = read_yaml("docker-compose.dev.yml")["services"]
    mounts = [f"./src:{APP}/src", f"./dagster_home:{HOME}"]
    assert {name: service["volumes"] for name, service in override.items()} == dict.fromkeys(
        DAGSTER, mounts
    )


def test_what_dagster_writes_is_ignored_by_git():
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {
        "dagster_home/storage/",
        "dagster_home/logs/",
        "dagster_home/.telemetry/",
        ".env",
    } <= set(ignored)
