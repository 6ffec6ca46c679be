"""The graph that the sample registry must become, written down by hand on either of its days.

Every value is derived from the sample's documents by the rules of their source (PEP 440, 503, 508,
592, 639, 685, 753) and by the names of the graph's contract. A difference is a fault of the product
or a change of the sample: it is looked into, and never copied from what the product says.
"""

import re
from dataclasses import dataclass, field, replace

from tests.e2e import expected_pypi_requirements as needs
from tests.e2e import expected_pypi_versions as versions

_YANKED = re.compile(r"(?:^|, )yanked(?:: (?P<reason>.+))?$")


@dataclass(frozen=True)
class Version:
    """One row of a table in `expected_pypi_versions`."""

    name: str
    serial_number: int
    release_date: str
    requires_python: str
    prerelease: bool | None
    """None for a version that PEP 440 does not know: nobody can say what it is."""
    yanked: bool
    yanked_reason: str


@dataclass(frozen=True, order=True)
class Need:
    """One requirement of one version."""

    version: str
    package: str
    constraints: str
    condition: str
    variant: str


@dataclass(frozen=True)
class Versions:
    """All versions under HAVE: their names in order, who is not plain, and full rows.

    `full` has all versions of a small package and a few of a large one.
    """

    names: tuple[str, ...]
    legacy: frozenset[str]
    prereleases: frozenset[str]
    yanked: frozenset[str]
    full: tuple[Version, ...]


@dataclass(frozen=True)
class Expected:
    """One package: its properties, versions and requirements.

    `artifact` is the file that the import names were read from, `licensed` the licence of each
    version whose own metadata names one, `status` None where no document tells one.
    """

    name: str
    repository_url: str
    license: str
    import_names: list[str]
    source_revision: str
    artifact: str
    versions: Versions
    status: str | None = None
    status_reason: str | None = None
    requires: frozenset[Need] = frozenset()
    optional: frozenset[Need] = frozenset()
    licensed: dict[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    """Versions under WAS_OF."""

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}"

    @property
    def vendor(self) -> str:
        """The owner of the repository (`https://host/owner/name`)."""
        return self.repository_url.split("/")[3]


def rows(table: str) -> tuple[Version, ...]:
    """Read a table of `expected_pypi_versions`."""
    found = []
    for line in table.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        serial, name, date, python, marks = (*cells, "", "")[:5]
        legacy = serial == "-1"
        yanked = _YANKED.search(marks)
        found.append(
            Version(
                name=name,
                serial_number=int(serial),
                release_date=date,
                requires_python=python,
                prerelease=None if legacy else marks.startswith("prerelease"),
                yanked=yanked is not None,
                yanked_reason=(yanked["reason"] or "") if yanked else "",
            )
        )
    return tuple(found)


def small(table: str) -> Versions:
    """All versions of a package with full rows for each."""
    return make_versions([row.name for row in rows(table)], rows(table))


def large(names: str, some: str, *, legacy: str = "", prereleases: str = "") -> Versions:
    """All versions of a package by name, and full rows for a few; every yanked one is there."""
    named = make_versions([*legacy.split(), *names.split()], rows(some))
    return replace(
        named, legacy=frozenset(legacy.split()), prereleases=frozenset(prereleases.split())
    )


def make_versions(names: list[str], full: tuple[Version, ...]) -> Versions:
    return Versions(
        names=tuple(names),
        legacy=frozenset(row.name for row in full if row.serial_number == -1),
        prereleases=frozenset(row.name for row in full if row.prerelease),
        yanked=frozenset(row.name for row in full if row.yanked),
        full=full,
    )


def with_new(earlier: Versions, table: str) -> Versions:
    """What a table tells of further versions, newer than all, or of those already there."""
    new = rows(table)
    known = {row.name for row in new}
    names = [*earlier.names, *(row.name for row in new if row.name not in earlier.names)]
    full = (*(row for row in earlier.full if row.name not in known), *new)
    return replace(
        earlier,
        names=tuple(names),
        prereleases=earlier.prereleases | {row.name for row in new if row.prerelease},
        yanked=earlier.yanked | {row.name for row in new if row.yanked},
        full=full,
    )


def wanted(table: str) -> frozenset[Need]:
    """Read a table of `expected_pypi_requirements`."""
    found = []
    for line in table.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        named, package, constraints, condition = (*cells, "")[:4]
        package, _, extras = package.partition("[")
        variant = extras.removesuffix("]")
        found += [Need(v, package, constraints, condition, variant) for v in named.split()]
    assert len(set(found)) == len(found), "a requirement stands there twice"
    return frozenset(found)


def licensed(names: str, license_name: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), license_name)


FIRST_DAY = {
    package.name: package
    for package in (
        Expected(
            "toposort",
            repository_url="https://gitlab.com/ericvsmith/toposort",
            license="Apache License Version 2.0",
            import_names=["toposort"],
            source_revision="40000200",
            artifact="toposort-1.10-py3-none-any.whl",
            versions=small(versions.TOPOSORT),
        ),
        Expected(
            "sniffio",
            repository_url="https://github.com/python-trio/sniffio",
            license="MIT OR Apache-2.0",
            import_names=["sniffio"],
            source_revision="40000500",
            artifact="sniffio-1.3.1-py3-none-any.whl",
            versions=small(versions.SNIFFIO),
        ),
        Expected(
            "python-dateutil",
            repository_url="https://github.com/dateutil/dateutil",
            license="Dual License",
            import_names=["dateutil"],
            source_revision="40003000",
            artifact="python_dateutil-3.0.0-py2.py3-none-any.whl",
            versions=small(versions.PYTHON_DATEUTIL),
            requires=wanted(needs.PYTHON_DATEUTIL_REQUIRES),
        ),
        Expected(
            "click",
            repository_url="https://github.com/pallets/click",
            license="BSD-3-Clause",
            import_names=["click"],
            source_revision="40003700",
            artifact="click-8.5.1-py3-none-any.whl",
            versions=large(
                versions.CLICK_NAMES, versions.CLICK_SOME, prereleases=versions.CLICK_PRERELEASES
            ),
            requires=wanted(needs.CLICK_REQUIRES),
            licensed=licensed("8.2.1 8.2.2 8.4.2 8.5.0 8.5.1", "BSD-3-Clause"),
        ),
        Expected(
            "certifi",
            repository_url="https://github.com/certifi/python-certifi",
            license="MPL-2.0",
            import_names=["certifi"],
            source_revision="40001700",
            artifact="certifi-2026.7.22-py3-none-any.whl",
            versions=large(versions.CERTIFI_NAMES, versions.CERTIFI_SOME),
            status="active",
            status_reason="",
        ),
        Expected(
            "urllib3",
            repository_url="https://github.com/urllib3/urllib3",
            license="MIT",
            import_names=["urllib3"],
            source_revision="40001300",
            artifact="urllib3-2.7.0-py3-none-any.whl",
            versions=large(
                versions.URLLIB3_NAMES,
                versions.URLLIB3_SOME,
                prereleases=versions.URLLIB3_PRERELEASES,
            ),
            status="active",
            status_reason="",
            optional=wanted(needs.URLLIB3_OPTIONAL),
            licensed=licensed("2.7.0", "MIT"),
        ),
        Expected(
            "pytz",
            repository_url="https://github.com/stub42/pytz",
            license="MIT",
            import_names=["pytz"],
            source_revision="40003200",
            artifact="pytz-2026.6-py2.py3-none-any.whl",
            versions=large(
                versions.PYTZ_NAMES,
                versions.PYTZ_SOME,
                legacy=versions.PYTZ_LEGACY,
                prereleases=versions.PYTZ_PRERELEASES,
            ),
            status="active",
            status_reason="",
        ),
        Expected(
            "colorama",
            repository_url="https://github.com/tartley/colorama",
            license="BSD License",
            import_names=["colorama"],
            source_revision="40000100",
            artifact="colorama-0.4.6-py2.py3-none-any.whl",
            versions=small(versions.COLORAMA),
        ),
        Expected(
            "exceptiongroup",
            repository_url="https://github.com/agronholm/exceptiongroup",
            license="MIT License",
            import_names=["exceptiongroup"],
            source_revision="40001100",
            artifact="exceptiongroup-1.3.1-py3-none-any.whl",
            versions=small(versions.EXCEPTIONGROUP),
            requires=wanted(needs.EXCEPTIONGROUP_REQUIRES),
            optional=wanted(needs.EXCEPTIONGROUP_OPTIONAL),
        ),
        Expected(
            "shellingham",
            repository_url="https://github.com/sarugaku/shellingham",
            license="ISC License",
            import_names=["shellingham"],
            source_revision="40000400",
            artifact="shellingham-1.5.4-py2.py3-none-any.whl",
            versions=small(versions.SHELLINGHAM),
        ),
        Expected(
            "tzdata",
            repository_url="https://github.com/python/tzdata",
            license="Apache-2.0",
            import_names=["tzdata"],
            source_revision="40003100",
            artifact="tzdata-2026.6-py2.py3-none-any.whl",
            versions=small(versions.TZDATA),
        ),
        Expected(
            "mdurl",
            repository_url="https://github.com/executablebooks/mdurl",
            license="MIT License",
            import_names=["mdurl"],
            source_revision="40000000",
            artifact="mdurl-0.1.2-py3-none-any.whl",
            versions=small(versions.MDURL),
        ),
        Expected(
            "jinja2",
            repository_url="https://github.com/pallets/jinja",
            license="BSD License",
            import_names=["jinja2"],
            source_revision="40000800",
            artifact="jinja2-3.1.6-py3-none-any.whl",
            versions=small(versions.JINJA2),
            status="active",
            status_reason="",
            requires=wanted(needs.JINJA2_REQUIRES),
            optional=wanted(needs.JINJA2_OPTIONAL),
        ),
        Expected(
            "httpx",
            repository_url="https://github.com/encode/httpx",
            license="BSD-3-Clause",
            import_names=["httpx"],
            source_revision="40002200",
            artifact="httpx-0.28.1-py3-none-any.whl",
            versions=large(
                versions.HTTPX_NAMES, versions.HTTPX_SOME, prereleases=versions.HTTPX_PRERELEASES
            ),
            requires=wanted(needs.HTTPX_REQUIRES),
            optional=wanted(needs.HTTPX_OPTIONAL),
            licensed=licensed("0.24.1 0.27.2", "BSD-3-Clause"),
        ),
        Expected(
            "anyio",
            repository_url="https://github.com/agronholm/anyio",
            license="MIT",
            import_names=["anyio"],
            source_revision="40003300",
            artifact="anyio-4.16.0-py3-none-any.whl",
            versions=large(
                versions.ANYIO_NAMES, versions.ANYIO_SOME, prereleases=versions.ANYIO_PRERELEASES
            ),
            requires=wanted(needs.ANYIO_REQUIRES),
            optional=wanted(needs.ANYIO_OPTIONAL),
            licensed=licensed("4.15.1 4.16.0", "MIT"),
        ),
        Expected(
            "requests",
            repository_url="https://github.com/psf/requests",
            license="Apache-2.0",
            import_names=["requests"],
            source_revision="40001400",
            artifact="requests-2.34.2-py3-none-any.whl",
            versions=large(
                versions.REQUESTS_NAMES,
                versions.REQUESTS_SOME,
                prereleases=versions.REQUESTS_PRERELEASES,
            ),
            status="active",
            status_reason="",
            requires=wanted(needs.REQUESTS_REQUIRES),
            optional=wanted(needs.REQUESTS_OPTIONAL),
        ),
        Expected(
            "pydantic",
            repository_url="https://github.com/pydantic/pydantic",
            license="MIT",
            import_names=["pydantic"],
            source_revision="40003600",
            artifact="pydantic-2.14.3-py3-none-any.whl",
            versions=large(
                versions.PYDANTIC_NAMES,
                versions.PYDANTIC_SOME,
                prereleases=versions.PYDANTIC_PRERELEASES,
            ),
            requires=wanted(needs.PYDANTIC_REQUIRES),
            optional=wanted(needs.PYDANTIC_OPTIONAL),
            licensed=licensed("2.0 2.8.2 2.12.1 2.14.2 2.14.3", "MIT"),
        ),
    )
}

SECOND_DAY = FIRST_DAY | {
    # The project is deleted: it keeps its node and what was known of it, and has no version.
    "toposort": replace(
        FIRST_DAY["toposort"],
        status="removed",
        versions=small(""),
        removed=FIRST_DAY["toposort"].versions.names,
    ),
    # One version is deleted: the others close ranks.
    "sniffio": replace(
        FIRST_DAY["sniffio"],
        source_revision="40004600",
        versions=small(versions.SNIFFIO_LATER),
        removed=("1.0.0",),
    ),
    # A new version without the requirement of its predecessors.
    "python-dateutil": replace(
        FIRST_DAY["python-dateutil"],
        source_revision="40004500",
        license="BSD-3-Clause",
        artifact="python_dateutil-4.0.0-py3-none-any.whl",
        versions=with_new(FIRST_DAY["python-dateutil"].versions, versions.PYTHON_DATEUTIL_NEW),
        requires=FIRST_DAY["python-dateutil"].requires | wanted(needs.PYTHON_DATEUTIL_NEW_REQUIRES),
        licensed=licensed("4.0.0", "BSD-3-Clause"),
    ),
    # A yank arrives.
    "click": replace(
        FIRST_DAY["click"],
        source_revision="40004200",
        versions=with_new(FIRST_DAY["click"].versions, versions.CLICK_YANKED),
    ),
    "certifi": replace(
        FIRST_DAY["certifi"],
        source_revision="40004400",
        artifact="certifi-2026.10.18-py3-none-any.whl",
        versions=with_new(FIRST_DAY["certifi"].versions, versions.CERTIFI_NEW),
    ),
    "urllib3": replace(
        FIRST_DAY["urllib3"],
        source_revision="40004300",
        artifact="urllib3-2.8.0-py3-none-any.whl",
        versions=with_new(FIRST_DAY["urllib3"].versions, versions.URLLIB3_NEW),
        optional=FIRST_DAY["urllib3"].optional | wanted(needs.URLLIB3_NEW_OPTIONAL),
        licensed=licensed("2.7.0 2.8.0", "MIT"),
    ),
}
