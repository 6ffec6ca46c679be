"""What the graph must hold of the npm sample's awkward packages, written down from their packuments.

Versions stand in the order of semver (section 11), whatever order a packument or its dates have. A
development requirement is counted and no more. A version without a message is not deprecated (""), and
a package whose packument names no licence has none (""); a date that a packument leaves out is "".
"""

from dataclasses import replace

from tests.e2e.expected import Expected, Need

INFLIGHT_MESSAGE = (
    "This module is not supported, and leaks memory. Do not use it. Check out lru-cache if you want"
    " a good and tested way to coalesce async requests by a key value, which is much more"
    " comprehensive and powerful."
)


def _each(versions: str, *needs: Need) -> dict[str, tuple[Need, ...]]:
    """Return the same requirements for each of the versions named."""
    return dict.fromkeys(versions.split(), needs)


def _runtime(name: str, constraints: str, *, variant: str = "") -> Need:
    return Need(name, constraints, "runtime", variant=variant)


# Back-ports: 0.5.2 to 0.5.5 are younger than 1.0.0 to 1.0.3, and stand before them all the same.
_MKDIRP = Expected(
    versions=(
        *("0.0.1", "0.0.2", "0.0.3", "0.0.6", "0.0.7", "0.1.0", "0.2.0", "0.2.1", "0.2.2"),
        *("0.3.0", "0.3.1", "0.3.2", "0.3.3", "0.3.4", "0.3.5", "0.4.0", "0.4.1", "0.4.2"),
        *("0.5.0", "0.5.1", "0.5.2", "0.5.3", "0.5.4", "0.5.5", "0.5.6"),
        *("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "2.0.0", "2.1.0", "2.1.1", "2.1.2"),
        *("2.1.3", "2.1.4", "2.1.5", "2.1.6", "3.0.0", "3.0.1"),
    ),
    requires={
        **_each("0.4.1 0.4.2 0.5.0 0.5.1", _runtime("minimist", "0.0.8")),
        **_each("0.5.2 0.5.3 0.5.4 0.5.5", _runtime("minimist", "^1.2.5")),
        **_each("0.5.6", _runtime("minimist", "^1.2.6")),
    },
    dates={
        "0.0.1": "2011-01-06T02:54:36.496Z",
        "0.5.1": "2015-05-14T02:27:01.553Z",
        "0.5.2": "2020-03-17T16:27:28.746Z",
        "0.5.5": "2020-04-03T17:12:26.436Z",
        "1.0.0": "2020-01-24T20:18:42.630Z",
        "1.0.4": "2020-04-03T17:03:08.825Z",
        "3.0.1": "",
    },
    marked={
        "0.0.1": {"license": None, "development_requirements": 0, "prerelease": False},
        "0.3.4": {"license": "MIT/X11", "development_requirements": 1},
        "0.5.5": {"license": "MIT", "development_requirements": 2, "deprecated": ""},
        "3.0.1": {"license": "MIT", "development_requirements": 10, "prerelease": False},
    },
    vendor="isaacs",
    repository_url="https://github.com/isaacs/node-mkdirp",
    facts={"license": "MIT", "status": "active"},
)

# Three requirements go by another name than their own, next to another range of the same package.
_CLIUI = Expected(
    versions=("8.0.2",),
    requires=_each(
        "8.0.2",
        _runtime("string-width", "^5.1.2"),
        _runtime("string-width", "^4.2.0", variant="string-width-cjs"),
        _runtime("strip-ansi", "^7.0.1"),
        _runtime("strip-ansi", "^6.0.1", variant="strip-ansi-cjs"),
        _runtime("wrap-ansi", "^8.1.0"),
        _runtime("wrap-ansi", "^7.0.0", variant="wrap-ansi-cjs"),
    ),
    dates={"8.0.2": ""},
    marked={"8.0.2": {"license": "ISC", "development_requirements": 17}},
    vendor="yargs",
    repository_url="https://github.com/yargs/cliui",
    facts={"license": "ISC", "status": "active"},
)

# Its repository is written as an address for scp; its first licences as a list of objects.
_JSONFILE = Expected(
    versions=(
        *("0.0.1", "1.0.0", "1.0.1", "1.1.0", "1.1.1", "1.2.0", "2.0.0", "2.0.1", "2.1.0"),
        *("2.1.1", "2.1.2", "2.2.1", "2.2.2", "2.2.3", "2.3.0", "2.3.1", "2.4.0", "3.0.0"),
        *("3.0.1", "4.0.0", "5.0.0", "6.0.0", "6.0.1", "6.1.0", "6.2.0", "6.2.1"),
    ),
    requires={
        "5.0.0": (_runtime("universalify", "^0.1.2"),),
        "6.0.0": (_runtime("universalify", "^0.2.0"),),
        "6.0.1": (_runtime("universalify", "^1.0.0"),),
        **_each("6.1.0 6.2.0 6.2.1", _runtime("universalify", "^2.0.0")),
    },
    optional=_each(
        "2.4.0 3.0.0 3.0.1 4.0.0 5.0.0 6.0.0 6.0.1 6.1.0 6.2.0 6.2.1",
        Need("graceful-fs", "^4.1.6", "optional"),
    ),
    marked={
        "0.0.1": {"license": "MIT", "development_requirements": 3},
        "2.0.1": {"license": "MIT", "development_requirements": 3},
        "2.4.0": {"license": "MIT", "development_requirements": 4},
    },
    vendor="jprichardson",
    repository_url="https://github.com/jprichardson/node-jsonfile",
    facts={"license": "MIT", "status": "active"},
)

# A peer that may be missing.
_FDIR = Expected(
    versions=(
        *("1.0.0", "1.0.2", "1.1.1", "1.2.0", "2.0.3", "2.1.0", "2.1.1", "3.0.0", "3.2.0"),
        *("3.4.0", "3.4.2", "3.4.3", "4.0.0", "4.1.0", "5.0.0", "5.1.0", "5.2.0", "5.2.1"),
        *("5.3.0", "6.0.0", "6.0.1", "6.0.2", "6.1.0", "6.1.1", "6.2.0", "6.3.0", "6.4.0"),
        *("6.4.1", "6.4.2", "6.4.3", "6.4.4", "6.4.5", "6.4.6", "6.5.0"),
    ),
    optional={
        **_each("5.2.1 5.3.0 6.0.0 6.0.1 6.0.2 6.1.0", Need("picomatch", "2.x", "peer")),
        **_each("6.1.1", Need("picomatch", "3.x", "peer")),
        **_each(
            "6.2.0 6.3.0 6.4.0 6.4.1 6.4.2 6.4.3 6.4.4 6.4.5 6.4.6 6.5.0",
            Need("picomatch", "^3 || ^4", "peer"),
        ),
    },
    marked={"6.5.0": {"license": "MIT", "development_requirements": 35}},
    vendor="thecodrr",
    repository_url="https://github.com/thecodrr/fdir",
    facts={"license": "MIT", "status": "active"},
)

# A peer that must be there, and prereleases: 0.6.1-1 stands before 0.6.1, though it came later.
_ACORN_JSX = Expected(
    versions=(
        *("0.6.1-1", "0.6.1", "0.7.1-3", "0.9.1-1", "0.9.1-8", "0.11.1-3", "0.11.1-4"),
        *("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0", "2.0.1", "3.0.0", "3.0.1"),
        *("4.0.0", "4.0.1", "4.1.0", "4.1.1", "5.0.0", "5.0.1", "5.0.2", "5.1.0", "5.2.0"),
        *("5.3.0", "5.3.1", "5.3.2"),
    ),
    requires={
        **_each("1.0.0 1.0.1 1.0.2 1.0.3", _runtime("acorn", "^1.0.3")),
        **_each("2.0.0 2.0.1", _runtime("acorn", "^2.0.1")),
        **_each("3.0.0 3.0.1", _runtime("acorn", "^3.0.4")),
        **_each("4.0.0 4.0.1 4.1.0 4.1.1", _runtime("acorn", "^5.0.3")),
        **_each("5.0.0 5.0.1", Need("acorn", "^6.0.0", "peer")),
        **_each("5.0.2 5.1.0 5.2.0", Need("acorn", "^6.0.0 || ^7.0.0", "peer")),
        **_each("5.3.0 5.3.1 5.3.2", Need("acorn", "^6.0.0 || ^7.0.0 || ^8.0.0", "peer")),
    },
    dates={
        "0.6.1": "2014-07-11T07:44:05.808Z",
        "0.6.1-1": "2014-07-26T23:53:59.156Z",
        "5.3.1": "2020-09-07T17:45:04.313Z",
        "5.3.2": "",
    },
    marked={
        "0.6.1-1": {"prerelease": True, "development_requirements": 2},
        "0.6.1": {"prerelease": False, "development_requirements": 0},
        "0.11.1-4": {"prerelease": True},
        "5.3.2": {"prerelease": False, "license": "MIT", "development_requirements": 1},
    },
    vendor="acornjs",
    repository_url="https://github.com/acornjs/acorn-jsx",
    facts={"license": "MIT", "status": "active"},
)

# A scope, also in what it requires; 4.1.10 follows 4.1.9.
_TYPES_DEBUG = Expected(
    versions=(
        *("0.0.15-alpha", "0.0.22-alpha", "0.0.26-alpha", "0.0.28", "0.0.29", "0.0.30", "0.0.31"),
        *("4.1.0", "4.1.1", "4.1.2", "4.1.3", "4.1.4", "4.1.5", "4.1.6", "4.1.7", "4.1.8"),
        *("4.1.9", "4.1.10", "4.1.11", "4.1.12", "4.1.13"),
    ),
    requires=_each("4.1.7 4.1.8 4.1.9 4.1.10 4.1.11 4.1.12 4.1.13", _runtime("@types/ms", "*")),
    marked={"0.0.26-alpha": {"prerelease": True}, "4.1.13": {"development_requirements": 0}},
    vendor="DefinitelyTyped",
    repository_url="https://github.com/DefinitelyTyped/DefinitelyTyped",
    facts={"license": "MIT", "status": "active"},
)

_INFLIGHT = Expected(
    versions=("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.0.5", "1.0.6"),
    requires={
        **_each("1.0.0 1.0.1", _runtime("once", "^1.3.0")),
        **_each(
            "1.0.2 1.0.3 1.0.4 1.0.5 1.0.6", _runtime("once", "^1.3.0"), _runtime("wrappy", "1")
        ),
    },
    dates={
        "1.0.0": "2014-05-05T03:04:32.021Z",
        "1.0.1": "2014-05-05T20:14:07.678Z",
        "1.0.2": "2014-09-18T23:07:30.791Z",
        "1.0.3": "2014-10-01T23:59:18.702Z",
        "1.0.4": "2014-10-03T06:50:17.203Z",
        "1.0.5": "2016-05-18T00:00:12.031Z",
        "1.0.6": "2016-10-13T03:53:29.524Z",
    },
    marked={"1.0.6": {"deprecated": "", "license": "ISC", "development_requirements": 1}},
    vendor="npm",
    repository_url="https://github.com/npm/inflight",
    facts={"license": "ISC", "status": "active"},
)

_WRAPPY = Expected(
    versions=("0.0.0", "1.0.0", "1.0.1", "1.0.2"),
    dates={
        "0.0.0": "",
        "1.0.0": "2014-09-18T22:59:23.410Z",
        "1.0.1": "2014-09-18T23:13:15.838Z",
        "1.0.2": "2016-05-17T23:30:52.415Z",
    },
    marked={"1.0.2": {"license": "ISC", "development_requirements": 1}},
    vendor="npm",
    repository_url="https://github.com/npm/wrappy",
    facts={"license": "ISC", "status": "active"},
)

_THROUGH = _runtime("through", ">=2.2.7 <3")
_OLD_JSONPARSE = _runtime("jsonparse", "0.0.5")

# Capitals are part of a name: jsonstream is another package.
_JSONSTREAM = Expected(
    versions=(
        *("0.0.0", "0.2.3", "0.3.3", "0.4.1", "0.4.2", "0.4.3", "0.4.4", "0.6.2", "0.6.4"),
        *("0.7.1", "0.7.2", "0.7.3", "0.7.4", "0.8.0", "0.8.2", "0.8.3", "0.8.4", "0.9.0"),
        *("0.10.0", "1.0.2", "1.0.3", "1.0.4", "1.0.5", "1.0.6", "1.0.7", "1.1.1", "1.1.2"),
        *("1.1.3", "1.1.4", "1.2.0", "1.2.1", "1.3.0", "1.3.1", "1.3.2", "1.3.3", "1.3.4"),
        "1.3.5",
    ),
    requires={
        **_each("0.0.0 0.2.3 0.3.3 0.4.1", _runtime("jsonparse", "0.0.1")),
        **_each("0.4.2", _runtime("jsonparse", "0.0.2")),
        **_each("0.4.3", _runtime("jsonparse", "~0.0.4")),
        **_each("0.4.4", _OLD_JSONPARSE),
        **_each("0.6.2 0.6.4 0.7.1 0.8.0", _OLD_JSONPARSE, _runtime("through", "~2.2.7")),
        **_each("0.7.2 0.7.3 0.7.4 0.8.2 0.8.3 0.8.4 0.9.0 0.10.0", _OLD_JSONPARSE, _THROUGH),
        **_each("1.0.2 1.0.3 1.0.4", _runtime("jsonparse", "~1.0.0"), _THROUGH),
        **_each("1.0.5 1.0.6 1.0.7 1.1.1 1.1.2 1.1.3", _runtime("jsonparse", "^1.1.0"), _THROUGH),
        **_each(
            "1.1.4 1.2.0 1.2.1 1.3.0 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5",
            _runtime("jsonparse", "^1.2.0"),
            _THROUGH,
        ),
    },
    marked={
        "0.0.0": {"license": None, "development_requirements": 0},
        "1.0.4": {"license": "(MIT OR Apache-2.0)", "development_requirements": 6},
    },
    vendor="dominictarr",
    repository_url="https://github.com/dominictarr/JSONStream",
    facts={"license": "(MIT OR Apache-2.0)", "status": "active"},
)

_OLD_CLIUI = _runtime("cliui", "^4.1.0")
_NEW_CLIUI = _runtime("cliui", "^7.0.4")
_GIT_CLIUI = _runtime("cliui", "github:isaacs/cliui#isaacs/esm-cjs-consistency")

# Three versions require a branch of a repository, which is no package of the registry.
_JACKSPEAK = Expected(
    versions=(
        *("0.1.0", "1.0.0", "1.0.1", "1.2.0", "1.3.4", "1.3.7", "1.3.8", "1.4.0", "1.4.1"),
        *("1.4.2", "2.0.3", "2.1.0", "2.1.1", "2.1.2", "2.1.3", "2.1.4", "2.1.5", "2.2.0"),
        *("2.2.1", "2.2.2", "2.2.3", "2.3.0", "2.3.1", "2.3.2", "2.3.3", "2.3.5", "2.3.6"),
        *("3.0.0", "3.1.2", "3.2.0", "3.2.1", "3.2.2", "3.2.3", "3.2.4", "3.2.5", "3.2.6"),
        *("3.3.0", "3.4.0", "3.4.1", "3.4.2", "3.4.3", "4.0.1", "4.0.2", "4.0.3", "4.1.0"),
        *("4.1.1", "4.1.2", "4.2.0", "4.2.1", "4.2.2", "4.2.3"),
    ),
    requires={
        **_each("0.1.0 1.0.0 1.0.1 1.2.0 1.3.4 1.3.7 1.3.8 1.4.0", _OLD_CLIUI),
        **_each("1.4.1 1.4.2 2.0.3 2.1.0", _NEW_CLIUI),
        **_each("2.1.1", _runtime("cliui", "^8.0.1")),
        **_each(
            "2.1.5 2.2.0 2.2.1 2.2.2 2.2.3 2.3.0 2.3.1 2.3.2 2.3.3 2.3.5 2.3.6 3.0.0 3.1.2"
            " 3.2.0 3.2.1 3.2.2 3.2.3 3.2.4 3.2.5 3.2.6 3.3.0 3.4.0 3.4.1 3.4.2 3.4.3"
            " 4.0.1 4.0.2 4.0.3 4.1.0 4.1.1",
            _runtime("@isaacs/cliui", "^8.0.2"),
        ),
        **_each("4.1.2 4.2.0 4.2.1 4.2.2 4.2.3", _runtime("@isaacs/cliui", "^9.0.0")),
    },
    optional=_each(
        "2.0.3 2.1.0 2.1.1 2.1.2 2.1.3 2.1.4 2.1.5 2.2.0 2.2.1 2.2.2 2.2.3 2.3.0 2.3.1 2.3.2"
        " 2.3.3 2.3.5 2.3.6 3.0.0 3.1.2 3.2.0 3.2.1 3.2.2 3.2.3 3.2.4 3.2.5 3.2.6 3.3.0 3.4.0"
        " 3.4.1 3.4.2 3.4.3 4.0.1",
        Need("@pkgjs/parseargs", "^0.11.0", "optional"),
    ),
    unresolved=_each("2.1.2 2.1.3 2.1.4", _GIT_CLIUI),
    marked={"0.1.0": {"license": "ISC"}, "4.2.3": {"license": "BlueOak-1.0.0"}},
    vendor="isaacs",
    repository_url="https://github.com/isaacs/jackspeak",
    facts={"license": "BlueOak-1.0.0", "status": "active"},
)

_BALANCED_1 = _runtime("balanced-match", "^1.0.0")
_BALANCED_3 = _runtime("balanced-match", "^3.0.0")
_BALANCED_4 = _runtime("balanced-match", "^4.0.2")
_CONCAT_MAP = _runtime("concat-map", "0.0.1")

_BRACES = {
    "0.0.0": (_runtime("balanced-match", "0.0.0"), _runtime("concat-map", "0.0.0")),
    **_each("1.0.0 1.0.1", _runtime("balanced-match", "^0.2.0"), _runtime("concat-map", "0.0.0")),
    **_each("1.1.0 1.1.1", _runtime("balanced-match", "^0.2.0"), _CONCAT_MAP),
    **_each("1.1.2 1.1.3", _runtime("balanced-match", "^0.3.0"), _CONCAT_MAP),
    **_each("1.1.4 1.1.5 1.1.6 1.1.7", _runtime("balanced-match", "^0.4.1"), _CONCAT_MAP),
    **_each(
        "1.1.8 1.1.9 1.1.10 1.1.11 1.1.12 1.1.13 1.1.14 1.1.15 1.1.16 1.1.17 1.1.18 1.1.19"
        " 1.1.20 1.1.21",
        _BALANCED_1,
        _CONCAT_MAP,
    ),
    **_each("2.0.0 2.0.1 2.0.2 2.0.3 2.1.0 2.1.1 2.1.2 2.1.3 2.1.4 2.1.5 2.1.6 2.1.7", _BALANCED_1),
    **_each("3.0.0 3.0.1 3.0.2 3.0.3 3.0.4 3.0.5 3.0.6 3.0.7 4.0.0 4.0.1", _BALANCED_3),
    **_each("5.0.2 5.0.3 5.0.4 5.0.5 5.0.6 5.0.7 5.0.8 5.0.9 5.0.10 5.0.11 5.0.12", _BALANCED_4),
}

_ONE = (
    *("0.0.0", "1.0.0", "1.0.1", "1.1.0", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.1.6"),
    *("1.1.7", "1.1.8", "1.1.9", "1.1.10", "1.1.11", "1.1.12", "1.1.13", "1.1.14", "1.1.15"),
    *("1.1.16", "1.1.17", "1.1.18", "1.1.19", "1.1.20", "1.1.21"),
)
_TWO = (
    *("2.0.0", "2.0.1", "2.0.2", "2.0.3", "2.1.0", "2.1.1", "2.1.2", "2.1.3", "2.1.4", "2.1.5"),
    *("2.1.6", "2.1.7"),
)
_THREE = ("3.0.0", "3.0.1", "3.0.2", "3.0.3", "3.0.4", "3.0.5", "3.0.6", "3.0.7")
_LATER = (
    *("4.0.0", "4.0.1", "5.0.2", "5.0.3", "5.0.4", "5.0.5", "5.0.6", "5.0.7", "5.0.8", "5.0.9"),
    *("5.0.10", "5.0.11", "5.0.12"),
)

# Four lines are served at a time: the second day brings a version to each but 4.
_BRACE_EXPANSION = Expected(
    versions=(*_ONE, *_TWO, *_THREE, *_LATER),
    requires=_BRACES,
    dates={
        "1.1.11": "2018-02-10T07:42:22.313Z",
        "2.0.0": "2020-10-05T11:41:11.973Z",
        "5.0.12": "",
    },
    marked={"5.0.12": {"license": "MIT", "development_requirements": 7, "deprecated": ""}},
    vendor="juliangruber",
    repository_url="https://github.com/juliangruber/brace-expansion",
    facts={"license": "MIT", "status": "active"},
)

FIRST_DAY: dict[str, Expected] = {
    "mkdirp": _MKDIRP,
    "@isaacs/cliui": _CLIUI,
    "jsonfile": _JSONFILE,
    "fdir": _FDIR,
    "acorn-jsx": _ACORN_JSX,
    "@types/debug": _TYPES_DEBUG,
    "inflight": _INFLIGHT,
    "wrappy": _WRAPPY,
    "JSONStream": _JSONSTREAM,
    "jsonstream": Expected(
        versions=("1.0.3",),
        requires=_each("1.0.3", _runtime("jsonparse", "~1.0.0"), _THROUGH),
        dates={"1.0.3": ""},
        marked={"1.0.3": {"license": None, "development_requirements": 6}},
        vendor="dominictarr",
        repository_url="https://github.com/dominictarr/JSONStream",
        facts={"license": "", "status": "active"},
    ),
    "jackspeak": _JACKSPEAK,
    "brace-expansion": _BRACE_EXPANSION,
}

SECOND_DAY: dict[str, Expected] = {
    **FIRST_DAY,
    "@isaacs/cliui": replace(
        _CLIUI,
        versions=("8.0.2", "9.0.0"),
        marked={
            **_CLIUI.marked,
            "9.0.0": {"license": "BlueOak-1.0.0", "development_requirements": 6},
        },
        vendor="isaacs",
        repository_url="https://github.com/isaacs/cliui",
        facts={"license": "BlueOak-1.0.0", "status": "active"},
    ),
    "inflight": replace(
        _INFLIGHT,
        marked={version: {"deprecated": INFLIGHT_MESSAGE} for version in _INFLIGHT.versions},
        facts={"license": "ISC", "status": "deprecated"},
    ),
    "wrappy": replace(
        _WRAPPY,
        versions=("0.0.0", "1.0.0", "1.0.2"),
        dates={v: date for v, date in _WRAPPY.dates.items() if v != "1.0.1"},
    ),
    # Its versions have moved from HAVE to WAS_OF.
    "jsonstream": Expected(
        versions=(),
        vendor="dominictarr",
        repository_url="https://github.com/dominictarr/JSONStream",
        facts={"license": "", "status": "removed"},
    ),
    "brace-expansion": replace(
        _BRACE_EXPANSION,
        versions=(*_ONE, "1.1.22", *_TWO, "2.1.8", *_THREE, "3.0.10", *_LATER, "5.0.13"),
        requires={
            **_BRACES,
            "1.1.22": (_BALANCED_1, _CONCAT_MAP),
            "2.1.8": (_BALANCED_1,),
            "3.0.10": (_BALANCED_3,),
            "5.0.13": (_BALANCED_4,),
        },
    ),
}
