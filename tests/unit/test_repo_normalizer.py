"""Repository addresses: one repository, one address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.utils.repo_normalizer import normalize_repository_url, repository_owner


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/psf/requests",
        "http://www.github.com/psf/requests/",
        "https://github.com/psf/requests.git",
        "git+https://github.com/psf/requests.git#egg=requests",
        "git://github.com/psf/requests",
        "git@github.com:psf/requests.git",
        "ssh://git@github.com:22/psf/requests.git",
        "git+ssh://git@github.com/psf/requests",
        "scm:git:https://github.com/psf/requests.git",
        "scm:git:git@github.com:psf/requests.git",
        "github:psf/requests",
        "github.com/psf/requests",
        "https://user:secret@github.com/psf/requests",
        "https://github.com/psf/requests/tree/main/src?tab=readme#top",
        "https://GitHub.com/psf/requests/issues",
        "  https://github.com/psf/requests\n",
    ],
)
def test_every_way_to_write_a_repository_becomes_the_same(address: str) -> None:
    assert normalize_repository_url(address) == "https://github.com/psf/requests"


@pytest.mark.parametrize(
    ("address", "expected", "owner"),
    [
        ("https://gitlab.com/a/b/c/-/tree/main", "https://gitlab.com/a/b/c", "a"),
        ("https://gitlab.com/a/b/tree/main", "https://gitlab.com/a/b", "a"),
        ("https://gitlab.gnome.test/GNOME/gtk", "https://gitlab.gnome.test/GNOME/gtk", "GNOME"),
        ("https://bitbucket.org/a/b/src/default/", "https://bitbucket.org/a/b", "a"),
        ("https://codeberg.org/a/b/issues", "https://codeberg.org/a/b", "a"),
        ("https://git.sr.ht/~a/b", "https://git.sr.ht/~a/b", "a"),
        ("https://github.com/A/b.js", "https://github.com/A/b.js", "A"),
    ],
)
def test_each_forge_has_its_own_depth(address: str, expected: str, owner: str) -> None:
    assert normalize_repository_url(address) == expected
    assert repository_owner(expected) == owner


@pytest.mark.parametrize(
    "address",
    [
        "",
        "UNKNOWN",
        "n/a",
        "https://github.com/",
        "https://github.com/psf",
        "https://github.com/sponsors/psf",
        "https://github.com/orgs/psf/repositories",
        "https://psf.github.io/requests",
        "https://requests.readthedocs.test/en/latest",
        "https://github.com.evil.test/psf/requests",
        "https://evil.test/github.com/psf/requests",
        "https://github.com@evil.test/psf/requests",
        "https://github.com/../..",
        "https://github.com/a/%2e%2e",
        "https://[::1/psf/requests",
        "javascript://github.com/psf/requests",
        "file:///github.com/psf/requests",
    ],
)
def test_what_is_no_repository_of_a_known_forge_is_left_out(address: str) -> None:
    assert normalize_repository_url(address) == ""
    assert repository_owner(address) == "n/a"


@given(st.text() | st.builds("https://github.com/{}/{}".format, st.text(), st.text()))
def test_any_text_gives_nothing_or_an_address_that_stays_as_it_is(address: str) -> None:
    normal = normalize_repository_url(address)
    assert normal == "" or normal.startswith("https://")
    assert normalize_repository_url(normal) == normal
