"""A Dagster webserver as a process, asked as its own pages ask it."""

import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers.process import HOST, free_port, running

ROOT = Path(__file__).parents[2]

_LOADED = """{ workspaceOrError { ... on Workspace { locationEntries {
  locationOrLoadError { __typename ... on PythonError { message } } } } } }"""
_LAUNCH = """mutation ($parameters: ExecutionParams!) {
  launchPipelineExecution(executionParams: $parameters) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } } } }"""
_TERMINATE = """mutation ($run: String!) {
  terminateRun(runId: $run) {
    __typename
    ... on TerminateRunFailure { message }
    ... on PythonError { message } } }"""
_RUN = """query ($run: ID!) { runOrError(runId: $run) {
  ... on Run { status assetMaterializations { metadataEntries {
    label ... on IntMetadataEntry { intValue } } } } } }"""
_MESSAGES = """query ($run: ID!) { logsForRun(runId: $run) {
  ... on EventConnection { events { ... on MessageEvent { message } } } } }"""
_INSTANCE = """\
run_coordinator:
  module: dagster.core.run_coordinator
  class: DefaultRunCoordinator
telemetry:
  enabled: false
"""
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}


@dataclass(frozen=True, slots=True)
class WebServer:
    """A webserver that serves our definitions."""

    url: str

    def ask(self, query: str, **variables: object) -> dict:
        """Send one GraphQL query and return its data."""
        answer = httpx.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            trust_env=False,
            timeout=30,
        ).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def is_ready(self) -> bool:
        """Tell whether it could load the definitions; fails where it could not."""
        try:
            entries = self.ask(_LOADED)["workspaceOrError"].get("locationEntries")
        except (httpx.HTTPError, ValueError):
            return False
        if not entries or not entries[0]["locationOrLoadError"]:
            return False
        assert entries[0]["locationOrLoadError"]["__typename"] == "RepositoryLocation", entries
        return True

    def launch(self, asset: str, config: Mapping[str, object] | None = None) -> str:
        """Materialize an asset as the button does, and return the id of the run."""
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "src.dagster_app",
            "pipelineName": "__ASSET_JOB",
            "assetSelection": [{"path": [asset]}],
        }
        parameters = {"selector": selector, "mode": "default", "runConfigData": config or {}}
        found = self.ask(_LAUNCH, parameters=parameters)["launchPipelineExecution"]
        assert found["__typename"] == "LaunchRunSuccess", found
        return found["run"]["runId"]

    def terminate(self, run: str) -> None:
        """Press the button that cancels a run."""
        found = self.ask(_TERMINATE, run=run)["terminateRun"]
        assert found["__typename"] == "TerminateRunSuccess", found

    def status(self, run: str) -> str:
        """Return the status of a run."""
        return self.ask(_RUN, run=run)["runOrError"]["status"]

    def metrics(self, run: str) -> dict[str, int | None]:
        """Return the whole numbers among the metadata that a run left with its asset."""
        (materialized,) = self.ask(_RUN, run=run)["runOrError"]["assetMaterializations"]
        return {entry["label"]: entry.get("intValue") for entry in materialized["metadataEntries"]}

    def messages(self, run: str) -> list[str]:
        """Return what stands in the log of a run."""
        events = self.ask(_MESSAGES, run=run)["logsForRun"]["events"]
        return [event.get("message", "") for event in events]

    def wait_for(self, run: str, wanted: str, seconds: float) -> float:
        """Wait for a status and return how long it took; fails where the run ends otherwise."""
        begun = time.monotonic()
        while (status := self.status(run)) != wanted:
            passed = time.monotonic() - begun
            assert status not in ENDED, f"{status} in place of {wanted} after {passed:.1f} s"
            assert passed < seconds, f"still {status} after {passed:.1f} s"
            time.sleep(0.1)
        return time.monotonic() - begun


@contextmanager
def web_server(folder: Path, environment: Mapping[str, str]) -> Iterator[WebServer]:
    """Serve our definitions in exactly this environment, its output in `folder`."""
    server = WebServer(f"http://{HOST}:{free_port()}")
    port = server.url.rsplit(":", 1)[1]
    command = [
        *(sys.executable, "-m", "dagster_webserver", "-h", HOST, "-p", port),
        *("-m", "src.dagster_app"),
    ]
    # Nothing has to be saved, and an orderly end takes seconds.
    stop = signal.SIGKILL
    with running(
        command, folder=folder, answers=server.is_ready, environment=environment, stop=stop
    ):
        yield server


def home_without_daemon(folder: Path) -> Path:
    """Make a DAGSTER_HOME whose runs begin at once."""
    home = folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(_INSTANCE)
    return home
