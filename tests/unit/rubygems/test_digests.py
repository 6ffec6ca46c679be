"""`Repr-Digest` in both of its spellings."""

import base64
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.rubygems.digests import announced_sha256, has_sha256

BODY = b"created_at"
DIGEST = hashlib.sha256(BODY).digest()
TEXT = base64.b64encode(DIGEST).decode()


@pytest.mark.parametrize(
    "value",
    [
        f"sha-256=:{TEXT}:",
        f'sha-256="{TEXT}"',
        f'sha-256="{DIGEST.hex()}"',
        f"SHA-256=:{TEXT}:",
        f"md5=:AAAA:, sha-256=:{TEXT}:",
        f"sha-512=:AAAA:,sha-256=:{TEXT}:",
    ],
)
def test_every_spelling_is_read(value: str) -> None:
    assert announced_sha256({"repr-digest": value}) == DIGEST


@pytest.mark.parametrize(
    "value", ["", "sha-256=", "sha-256=::", "sha-256=:xyz:", f"md5=:{TEXT}:", "sha-256=:AAAA:"]
)
def test_what_cannot_be_read_announces_nothing(value: str) -> None:
    assert announced_sha256({"repr-digest": value}) is None


def test_a_digest_refutes_another_body_and_none_refutes_nothing() -> None:
    assert has_sha256(io.BytesIO(BODY), DIGEST)
    assert not has_sha256(io.BytesIO(BODY + b"x"), DIGEST)
    assert has_sha256(io.BytesIO(BODY), None)
    assert announced_sha256({}) is None


@given(st.text(max_size=60))
def test_no_header_breaks_it(value: str) -> None:
    found = announced_sha256({"repr-digest": value})
    assert found is None or len(found) == 32
