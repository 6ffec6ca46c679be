"""A registry on 127.0.0.1: serves documents of a sample, or of any source, over real HTTP.

The demo, `ssc up`, the tests and the benchmark all read their registry from here, so that none of
them ever asks a real one. Faults can be planned, request by request, to see what a client does.
"""

from src.local_stack.replay.documents import Document, Source
from src.local_stack.replay.faults import (
    Fault,
    FaultPlan,
    every_request_fails_once,
    mixture,
    no_faults,
    share,
    table,
)
from src.local_stack.replay.samples import SampleError, SampleSource, day_in_file
from src.local_stack.replay.server import ReplayServer

__all__ = [
    "Document",
    "Fault",
    "FaultPlan",
    "ReplayServer",
    "SampleError",
    "SampleSource",
    "Source",
    "day_in_file",
    "every_request_fails_once",
    "mixture",
    "no_faults",
    "share",
    "table",
]
