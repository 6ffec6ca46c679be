"""What happens where a server that a test needs cannot be had."""

import os
from typing import NoReturn

import pytest

REQUIRE = "SSC_REQUIRE_SERVERS"


def missing_server(reason: str) -> NoReturn:
    """Skip the test with the reason; fail it where every server has to be there, as in CI."""
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{REQUIRE}=1, but {reason}", pytrace=False)
    pytest.skip(reason)
