"""The DAGSTER_HOME of the local stack: SQLite in a folder, otherwise as in production."""

import json

from src.local_stack.files import write_atomically
from src.local_stack.layout import Layout

# One run at a time holds the pool of its ecosystem, and five-minute ticks of the queue do not
# pile up behind a long one.
_TEMPLATE = """\
# Written by `ssc up`; changes made here are overwritten.
storage:
  sqlite:
    base_dir: {base}
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
run_launcher:
  module: dagster.core.launcher
  class: DefaultRunLauncher
concurrency:
  pools:
    granularity: run
    default_limit: 1
  runs:
    max_concurrent_runs: 4
    tag_concurrency_limits:
      - key: dagster/schedule_name
        value: redis_queue_processor
        limit: 1
run_monitoring:
  enabled: true
  start_timeout_seconds: 180
  free_slots_after_run_end_seconds: 60
run_retries:
  enabled: true
  max_retries: 2
  retry_on_asset_or_op_failure: false
schedules:
  use_threads: true
  num_workers: 2
python_logs:
  managed_python_loggers: [src]
  python_log_level: INFO
telemetry:
  enabled: false
"""


def write_dagster_home(layout: Layout) -> None:
    """Write dagster.yaml, unless the same stands there."""
    text = _TEMPLATE.format(base=json.dumps(str(layout.dagster_home)))
    path = layout.dagster_home / "dagster.yaml"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
