"""The one place of the local stack that touches the environment itself.

Settings are read by src.settings; here it is about what processes inherit, and about variables
that belong to Dagster (DAGSTER_HOME) or to `ssc` (SSC_HOME).
"""

import os
from collections.abc import MutableMapping


def process_environment() -> MutableMapping[str, str]:
    """Return the environment of this process; changing it changes what children inherit."""
    return os.environ  # noqa: TID251
