"""The NuGet part of the sample as the graph must hold it, written down by hand on either day.

Requirements, dates and marks are read off the published registrations; the order of versions is the
one in which the registry itself publishes them, which is NuGet's own. Framework names are as
published. A difference is a fault of the product or a change of the sample, and never copied here.
"""

from dataclasses import replace

from tests.e2e.expected import Expected, Need


def needs(framework: str, *entries: str) -> tuple[Need, ...]:
    """Write a dependency group: each entry is an id and the range behind it, "any" where none is."""
    pairs = (entry.split(" ", 1) for entry in entries)
    return tuple(Need(name, wanted, "runtime", framework) for name, wanted in pairs)


def all_at(framework: str, wanted: str, *names: str) -> tuple[Need, ...]:
    """Write a group whose dependencies all have the same range."""
    return tuple(Need(name, wanted, "runtime", framework) for name in names)


# NUnit: groups for several frameworks, one version unlisted (year 1900) and deprecated, metadata on
# the newest version (3.12.0+build-632), prereleases whose number is part of a text label.
_BCL_ASYNC = needs(".NETFramework4.0", "microsoft.bcl.async [1.0.165, )")
_LOADER_400 = needs(
    ".NETStandard1.6", "netstandard.library [1.6.0, )", "system.runtime.loader [4.0.0, )"
)
_LOADER_430 = needs(
    ".NETStandard1.6",
    "netstandard.library [1.6.0, )",
    "system.runtime.loader [4.3.0, )",
    "system.threading.thread [4.3.0, )",
)
_NUNIT_37 = (
    *needs(".NETStandard1.3", "netstandard.library [1.6.0, )", "system.threading.thread [4.3.0, )"),
    *_LOADER_430,
)
_NUNIT_38 = (
    *needs("Xamarin.iOS0.0", "netstandard.library [1.6.0, )"),
    *needs("MonoAndroid0.0", "netstandard.library [1.6.0, )"),
    *needs("UAP0.0", "netstandard.library [1.6.0, )"),
    *needs(".NETStandard1.3", "netstandard.library [1.6.0, )"),
    *_LOADER_430,
)
_NUNIT_310 = (
    *needs(".NETStandard1.6", "netstandard.library [1.6.1, )"),
    *needs(".NETStandard2.0", "netstandard.library [2.0.0, )"),
)
_NUNIT = Expected(
    versions=(
        "2.5.7.10213",
        "2.5.9.10348",
        "2.5.10.11092",
        "2.6.0.12051",
        "2.6.0.12054",
        "2.6.1",
        "2.6.2",
        "2.6.3",
        "2.6.4",
        "2.6.5",
        "2.6.6",
        "2.6.7",
        "2.7.0",
        "2.7.1",
        "3.0.0-alpha",
        "3.0.0-alpha-2",
        "3.0.0-alpha-3",
        "3.0.0-alpha-4",
        "3.0.0-alpha-5",
        "3.0.0-beta-1",
        "3.0.0-beta-2",
        "3.0.0-beta-3",
        "3.0.0-beta-4",
        "3.0.0-beta-5",
        "3.0.0-rc",
        "3.0.0-rc-2",
        "3.0.0-rc-3",
        "3.0.0",
        "3.0.1",
        "3.2.0",
        "3.2.1",
        "3.4.0",
        "3.4.1",
        "3.5.0",
        "3.6.0",
        "3.6.1",
        "3.7.0",
        "3.7.1",
        "3.8.0",
        "3.8.1",
        "3.9.0",
        "3.10.0",
        "3.10.1",
        "3.11.0",
        "3.12.0",
    ),
    requires={
        "3.0.0-alpha": _BCL_ASYNC,
        "3.0.0-alpha-2": _BCL_ASYNC,
        "3.0.0-alpha-3": _BCL_ASYNC,
        "3.0.0-alpha-4": _BCL_ASYNC,
        "3.0.0-alpha-5": _BCL_ASYNC,
        "3.0.0-beta-1": _BCL_ASYNC,
        "3.0.0-beta-2": _BCL_ASYNC,
        "3.6.0": _LOADER_400,
        "3.6.1": _LOADER_400,
        "3.7.0": _NUNIT_37,
        "3.7.1": _NUNIT_37,
        "3.8.0": _NUNIT_38,
        "3.8.1": _NUNIT_38,
        "3.9.0": _NUNIT_38,
        "3.10.0": _NUNIT_310,
        "3.10.1": _NUNIT_310,
        "3.11.0": (
            *needs(
                ".NETStandard1.4",
                "netstandard.library [1.6.1, )",
                "system.reflection.typeextensions [4.4.0, )",
            ),
            *needs(".NETStandard2.0", "netstandard.library [2.0.0, )"),
        ),
        "3.12.0": (
            *needs(
                ".NETStandard1.4",
                "netstandard.library [1.6.1, )",
                "system.componentmodel.typeconverter [4.3.0, )",
                "system.reflection.typeextensions [4.4.0, )",
            ),
            *needs(".NETStandard2.0", "netstandard.library [2.0.0, )"),
        ),
    },
    dates={
        "2.5.7.10213": "2011-01-07T07:57:55.387Z",
        "2.6.0.12051": "2012-02-23T06:33:08.693Z",  # only its catalog document tells it
        "2.6.2": "2012-10-23T15:37:48Z",
        "3.0.0-beta-5": "2015-10-17T03:39:18.1Z",
        "3.12.0": "2019-05-15T00:24:28.39Z",
    },
    marked={
        "2.6.0.12051": {"unlisted": True, "prerelease": False},
        "2.6.0.12054": {"unlisted": False, "deprecated": ""},
        "3.0.0-alpha": {"unlisted": False, "prerelease": True},
        "3.12.0": {"unlisted": False, "deprecated": "", "prerelease": False, "license": ""},
    },
    vendor="Charlie Poole",
    facts={
        "display_name": "NUnit",
        "authors": ["Charlie Poole", "Rob Prouse"],
        "status": "active",
        "import_names": ["nunit.framework"],
    },
)

# Castle.Core: a dependency without a range, groups without a framework; two versions on the second day.
_CASTLE_40 = needs(
    ".NETStandard1.3",
    "system.appcontext [4.1.0, )",
    "system.collections.specialized [4.0.1, )",
    "system.componentmodel.typeconverter [4.0.1, )",
    "system.console [4.0.0, )",
    "system.diagnostics.debug [4.0.11, )",
    "system.diagnostics.tools [4.0.1, )",
    "system.diagnostics.tracesource [4.0.0, )",
    "system.dynamic.runtime [4.0.11, )",
    "system.globalization [4.0.11, )",
    "system.io.filesystem [4.0.1, )",
    "system.linq [4.1.0, )",
    "system.objectmodel [4.0.12, )",
    "system.reflection [4.1.0, )",
    "system.reflection.emit [4.0.1, )",
    "system.reflection.emit.lightweight [4.0.1, )",
    "system.reflection.extensions [4.0.1, )",
    "system.reflection.typeextensions [4.1.0, )",
    "system.resources.resourcemanager [4.0.1, )",
    "system.runtime.extensions [4.1.0, )",
    "system.runtime.interopservices [4.1.0, )",
    "system.threading [4.0.11, )",
    "system.xml.xmldocument [4.0.1, )",
    "system.xml.xmlserializer [4.0.11, )",
)
_CASTLE_ALPHA = (
    *all_at(
        "Unsupported0.0",
        "[4.0.0, )",
        "system.appcontext",
        "system.collections.specialized",
        "system.componentmodel.typeconverter",
        "system.diagnostics.tools",
        "system.linq",
        "system.reflection.emit",
        "system.reflection.emit.lightweight",
        "system.reflection.extensions",
        "system.reflection.typeextensions",
        "system.xml.xmldocument",
    ),
    *all_at(
        "Unsupported0.0",
        "[4.0.10, )",
        "system.dynamic.runtime",
        "system.globalization",
        "system.objectmodel",
        "system.reflection",
        "system.runtime.extensions",
        "system.threading",
        "system.xml.xmlserializer",
    ),
    *all_at(
        "Unsupported0.0",
        "[4.0.0-beta-23516, )",
        "system.console",
        "system.diagnostics.tracesource",
    ),
)
_AT_43 = (
    "system.collections.specialized",
    "system.componentmodel",
    "system.componentmodel.typeconverter",
    "system.diagnostics.tracesource",
    "system.dynamic.runtime",
    "system.reflection",
    "system.reflection.emit",
    "system.reflection.typeextensions",
    "system.xml.xmldocument",
)
_CASTLE_41 = (
    *needs(".NETStandard1.3", "netstandard.library [1.6.1, )"),
    *all_at(".NETStandard1.3", "[4.3.0, )", *_AT_43),
)
_CASTLE_43 = (
    *_CASTLE_41,
    *needs(".NETStandard1.5", "netstandard.library [1.6.1, )"),
    *all_at(".NETStandard1.5", "[4.3.0, )", *_AT_43),
)
_CASTLE_5 = (
    *needs("net6.0", "system.diagnostics.eventlog [6.0.0, )"),
    *needs(
        ".NETStandard2.0",
        "system.diagnostics.eventlog [4.7.0, )",
        "system.reflection.emit [4.7.0, )",
    ),
    *needs(".NETStandard2.1", "system.diagnostics.eventlog [4.7.0, )"),
)
_CASTLE = Expected(
    versions=(
        "1.1.0",
        "1.2.0",
        "2.5.1",
        "2.5.2",
        "3.0.0.2001",
        "3.0.0.3001",
        "3.0.0.4001",
        "3.1.0-RC",
        "3.1.0",
        "3.2.0",
        "3.2.1",
        "3.2.2",
        "3.3.0",
        "3.3.1",
        "3.3.2",
        "3.3.3",
        "4.0.0-alpha001",
        "4.0.0-beta001",
        "4.0.0-beta002",
        "4.0.0",
        "4.1.0",
        "4.1.1",
        "4.2.0",
        "4.2.1",
        "4.3.0",
        "4.3.1",
        "4.4.0",
        "4.4.1",
        "5.0.0-beta001",
        "5.0.0",
        "5.1.0",
        "5.1.1",
    ),
    requires={
        "1.1.0": needs("", "log4net any"),
        "1.2.0": needs("", "log4net [1.2.10, )", "nlog [1.0.0.505, )"),
        "4.0.0-alpha001": _CASTLE_ALPHA,
        "4.0.0-beta001": _CASTLE_40,
        "4.0.0-beta002": _CASTLE_40,
        "4.0.0": _CASTLE_40,
        "4.1.0": _CASTLE_41,
        "4.1.1": _CASTLE_41,
        "4.2.0": _CASTLE_41,
        "4.2.1": _CASTLE_41,
        "4.3.0": _CASTLE_43,
        "4.3.1": _CASTLE_43,
        "4.4.0": _CASTLE_43,
        "4.4.1": _CASTLE_43,
        "5.0.0-beta001": _CASTLE_5,
        "5.0.0": _CASTLE_5,
        "5.1.0": _CASTLE_5,
        "5.1.1": _CASTLE_5,
    },
    dates={"1.1.0": "2011-01-07T07:50:51.697Z", "5.1.1": "2022-12-30T09:22:02.32Z"},
    marked={
        "3.1.0-RC": {"prerelease": True, "unlisted": False},
        "4.4.1": {"license": ""},
        "5.1.1": {"prerelease": False, "license": "Apache-2.0", "deprecated": ""},
    },
    vendor="Castle Project Contributors",
    facts={
        "display_name": "Castle.Core",
        "license": "Apache-2.0",
        "status": "active",
        "import_names": ["Castle.Core"],
        "import_names_source": "castle.core.5.1.1.nupkg",
    },
)
# 0.0.1110 was published last and is the oldest of them.
_CASTLE_LATER = replace(
    _CASTLE,
    versions=("0.0.1110", *_CASTLE.versions, "5.2.1"),
    requires={**_CASTLE.requires, "0.0.1110": _CASTLE_5, "5.2.1": _CASTLE_5},
    dates={
        **_CASTLE.dates,
        "0.0.1110": "2025-03-09T21:19:44.77Z",
        "5.2.1": "2025-03-09T21:10:23.063Z",
    },
    facts={**_CASTLE.facts, "import_names_source": "castle.core.5.2.1.nupkg"},
)

# ProxyKit: both versions carry metadata (+build.118, +build.119), are unlisted and deprecated, and
# nothing tells their dates.
_PROXYKIT = Expected(
    versions=("1.0.0", "2.3.4"),
    requires={
        version: all_at(
            ".NETStandard2.0",
            wanted,
            "microsoft.aspnetcore.http",
            "microsoft.aspnetcore.http.extensions",
            "microsoft.aspnetcore.httpoverrides",
            "microsoft.extensions.http",
        )
        for version, wanted in (("1.0.0", "[2.2.0, )"), ("2.3.4", "[2.1.0, )"))
    },
    marked={
        "1.0.0": {"unlisted": True, "deprecated": "Legacy", "deprecation_reasons": ["Legacy"]},
        "2.3.4": {"unlisted": True, "deprecated": "Legacy", "license": "Apache-2.0"},
    },
    vendor="Damian Hickey",
    repository_url="https://github.com/ProxyKit/ProxyKit",
    facts={"display_name": "ProxyKit", "status": "deprecated", "license": "Apache-2.0"},
)

# Numbers among the labels (alpha.5 before alpha.15), text after text (alpha before linq-expressions).
_TERONIS = Expected(
    versions=(
        "0.1.5",
        "0.1.6-alpha.24",
        "0.1.6-alpha.26",
        "0.1.6",
        "0.1.7-alpha.5",
        "0.1.7-alpha.9",
        "0.1.7-alpha.15",
        "0.1.7-alpha.17",
        "0.1.7-alpha.24",
        "0.1.7-alpha.37",
        "0.1.7-alpha.52",
        "0.1.7-alpha.57",
        "0.1.7-alpha.61",
        "0.1.7-alpha.64",
        "0.1.7-alpha.66",
        "0.1.7-alpha.68",
        "0.1.7-linq-expressions.50",
        "0.1.7",
        "0.1.8-alpha.45",
        "0.1.8-alpha.65",
        "0.1.8-alpha.97",
        "0.1.8-alpha.156",
        "0.1.8-alpha.163",
        "0.1.8-alpha.180",
        "0.1.8-alpha.219",
        "0.1.8-alpha.223",
    ),
    marked={"0.1.7": {"prerelease": False}, "0.1.8-alpha.45": {"prerelease": True}},
    vendor="Teroneko",
    facts={"display_name": "Teronis.MSBuild.Packaging.GitVersionCache", "status": "active"},
)

# OgcApi.Net.SqlServer: 0.3.0 is unlisted on the second day, and its date then comes from the catalog.
_OGC = Expected(
    versions=tuple(f"0.3.{number}" for number in range(17)),
    requires={
        version: needs(
            "net5.0",
            f"ogcapi.net [{version}, )",
            "microsoft.data.sqlclient [3.0.1, )",
            "nettopologysuite.io.sqlserverbytes [2.0.0, )",
        )
        for version in ("0.3.0", "0.3.1")
    },
    dates={"0.3.0": "2022-03-25T05:11:36.793Z", "0.3.1": "2022-03-25T10:25:47.79Z"},
    marked={
        "0.3.0": {"unlisted": False, "license": "MIT"},
        "0.3.1": {"unlisted": False, "license": "MIT"},
    },
    vendor="Nikolay Chupshev",
    repository_url="https://github.com/sam-is/OgcApi.Net",
    facts={"display_name": "OgcApi.Net.SqlServer", "status": "active"},
)
_OGC_LATER = replace(
    _OGC,
    marked={"0.3.0": {"unlisted": True, "license": "MIT"}, "0.3.1": {"unlisted": False}},
)

# Microsoft.Extensions.PlatformAbstractions: deprecated as a whole on the second day.
_PLATFORM = Expected(
    versions=("1.0.0-rc1-final", "1.0.0-rc2-final", "1.0.0", "1.1.0-preview1-final", "1.1.0"),
    marked={"1.1.0": {"deprecated": "", "unlisted": False}},
    vendor="Microsoft",
    facts={"status": "active"},
)
_PLATFORM_LATER = replace(
    _PLATFORM,
    marked={
        version: {
            "deprecated": (
                "This package has been deprecated as part of the .NET Package Deprecation effort."
                " You can learn more about it from"
                " https://github.com/dotnet/announcements/issues/217"
            ),
            "deprecation_reasons": ["Other", "Legacy"],
            "unlisted": False,
        }
        for version in _PLATFORM.versions
    },
    facts={"status": "deprecated"},
)

# WebGrease: its oldest version is taken away on the second day.
_WEBGREASE = Expected(
    versions=("1.0.0", "1.1.0", "1.3.0", "1.5.2", "1.6.0"), facts={"display_name": "WebGrease"}
)
_WEBGREASE_LATER = replace(_WEBGREASE, versions=_WEBGREASE.versions[1:])

# Serilog: 528 versions, so that its pages stand outside the index.
_SERILOG_VERSIONS = """
0.1.6 0.1.7 0.1.8 0.1.9 0.1.10 0.1.11 0.1.12 0.1.16 0.1.17 0.1.18 0.2.1 0.2.2 0.2.3 0.2.4 0.2.8
0.2.9 0.2.10 0.2.11 0.3.1 0.3.2 0.4.3 0.5.1 0.5.2 0.5.3 0.5.4 0.5.5 0.6.1 0.6.3 0.6.4 0.6.5 0.7.2
0.8.1 0.8.2 0.8.3 0.8.4 0.8.5 0.9.1 0.9.2 0.9.3 0.9.4 0.9.5 1.0.1 1.0.2 1.0.3 1.1.1 1.1.2 1.2.3
1.2.4 1.2.5 1.2.6 1.2.7 1.2.8 1.2.25 1.2.26 1.2.27 1.2.29 1.2.37 1.2.38 1.2.39 1.2.40 1.2.41
1.2.44 1.2.45 1.2.47 1.2.48 1.2.49 1.2.50 1.2.51 1.2.52 1.2.53 1.3.1 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7
1.3.12 1.3.13 1.3.14 1.3.15 1.3.16 1.3.17 1.3.18 1.3.19 1.3.20 1.3.23 1.3.24 1.3.25 1.3.26 1.3.27
1.3.28 1.3.29 1.3.30 1.3.33 1.3.34 1.3.35 1.3.36 1.3.37 1.3.38 1.3.39 1.3.40 1.3.41 1.3.42 1.3.43
1.4.1 1.4.2 1.4.3 1.4.4 1.4.5 1.4.6 1.4.7 1.4.8 1.4.9 1.4.10 1.4.11 1.4.12 1.4.13 1.4.14 1.4.15
1.4.16 1.4.17 1.4.18 1.4.21 1.4.22 1.4.23 1.4.27 1.4.28 1.4.34 1.4.39 1.4.75 1.4.76 1.4.95 1.4.97
1.4.99 1.4.102 1.4.113 1.4.118 1.4.126 1.4.128 1.4.139 1.4.152 1.4.154 1.4.155 1.4.168 1.4.182
1.4.196 1.4.204 1.4.214 1.5.1 1.5.5 1.5.6 1.5.7 1.5.8 1.5.9 1.5.10 1.5.11 1.5.12 1.5.13 1.5.14
2.0.0-beta-395 2.0.0-beta-403 2.0.0-beta-416 2.0.0-beta-418 2.0.0-beta-423 2.0.0-beta-432
2.0.0-beta-449 2.0.0-beta-450 2.0.0-beta-456 2.0.0-beta-465 2.0.0-beta-478 2.0.0-beta-479
2.0.0-beta-486 2.0.0-beta-487 2.0.0-beta-493 2.0.0-beta-494 2.0.0-beta-495 2.0.0-beta-499
2.0.0-beta-502 2.0.0-beta-505 2.0.0-beta-507 2.0.0-beta-509 2.0.0-beta-511 2.0.0-beta-513
2.0.0-beta-516 2.0.0-beta-519 2.0.0-beta-521 2.0.0-beta-523 2.0.0-beta-530 2.0.0-beta-531
2.0.0-beta-533 2.0.0-beta-537 2.0.0-beta-541 2.0.0-rc-556 2.0.0-rc-563 2.0.0-rc-573 2.0.0-rc-576
2.0.0-rc-577 2.0.0-rc-587 2.0.0-rc-594 2.0.0-rc-596 2.0.0-rc-598 2.0.0-rc-600 2.0.0-rc-602
2.0.0-rc-606 2.0.0-rc-618 2.0.0-rc-619 2.0.0-rc-621 2.0.0-rc-622 2.0.0-rc-628 2.0.0-rc-633
2.0.0-rc-634 2.0.0-rc-640 2.0.0 2.0.1-dev-00665 2.1.0-dev-00666 2.1.0-dev-00668 2.1.0-dev-00670
2.1.0-dev-00674 2.1.0 2.1.1-dev-00680 2.1.1-dev-00686 2.2.0-dev-00688 2.2.0-dev-00690
2.2.0-dev-00693 2.2.0 2.2.1-dev-00697 2.2.1 2.3.0-dev-00704 2.3.0-dev-00705 2.3.0-dev-00707
2.3.0-dev-00711 2.3.0-dev-00719 2.3.0 2.4.0-dev-00723 2.4.0-dev-00728 2.4.0-dev-00730
2.4.0-dev-00733 2.4.0-dev-00736 2.4.0-dev-00739 2.4.0-dev-00746 2.4.0-dev-00750 2.4.0-dev-00755
2.4.0-dev-00757 2.4.0-dev-00760 2.4.0-dev-00766 2.4.0-dev-00767 2.4.0-dev-00769 2.4.0-dev-00771
2.4.0 2.4.1-dev-00796 2.4.1-dev-00799 2.4.1-dev-00801 2.4.1-dev-00805 2.4.1-dev-00811
2.5.0-dev-00812 2.5.0-dev-00814 2.5.0-dev-00817 2.5.0-dev-00820 2.5.0-dev-00822 2.5.0-dev-00833
2.5.0-dev-00839 2.5.0-dev-00841 2.5.0-dev-00842 2.5.0-dev-00848 2.5.0-dev-00853 2.5.0-dev-00855
2.5.0 2.5.1-dev-00859 2.5.1-dev-00862 2.5.1-dev-00863 2.5.1-dev-00869 2.5.1-dev-00873
2.5.1-dev-00886 2.5.1-dev-00890 2.6.0-dev-00892 2.6.0-dev-00894 2.6.0-dev-00902 2.6.0-dev-00904
2.6.0-dev-00911 2.6.0-dev-00915 2.6.0-dev-00919 2.6.0-dev-00922 2.6.0-dev-00923 2.6.0-dev-00925
2.6.0-dev-00929 2.6.0-dev-00932 2.6.0 2.6.1-dev-00936 2.6.1-dev-00938 2.6.1-dev-00948
2.7.1-dev-00950 2.7.1-dev-00956 2.7.1-dev-00960 2.7.1-dev-00963 2.7.1-dev-00967 2.7.1-dev-00972
2.7.1-dev-00980 2.7.1-dev-00983 2.7.1-dev-00985 2.7.1-dev-00990 2.7.1-dev-00993 2.7.1-dev-01000
2.7.1 2.7.2-dev-01005 2.7.2-dev-01010 2.7.2-dev-01013 2.7.2-dev-01017 2.7.2-dev-01023
2.7.2-dev-01024 2.7.2-dev-01027 2.7.2-dev-01030 2.7.2-dev-01032 2.7.2-dev-01033 2.7.2-dev-01041
2.8.0-dev-01042 2.8.0 2.8.1-dev-01047 2.8.1-dev-01048 2.8.1-dev-01049 2.8.1-dev-01052
2.8.1-dev-01054 2.8.1-dev-01058 2.8.1-dev-01063 2.8.1-dev-01085 2.8.1-dev-01086 2.8.1-dev-01090
2.9.0-dev-01091 2.9.0-dev-01098 2.9.0-dev-01099 2.9.0-dev-01102 2.9.0-dev-01116 2.9.0-dev-01119
2.9.0-dev-01124 2.9.0-dev-01133 2.9.0 2.9.1-dev-01138 2.9.1-dev-01141 2.9.1-dev-01148
2.9.1-dev-01149 2.9.1-dev-01151 2.9.1-dev-01154 2.9.1-dev-01165 2.9.1-dev-01166 2.9.1-dev-01167
2.9.1-dev-01169 2.9.1-dev-01172 2.9.1-dev-01177 2.10.0-dev-01187 2.10.0-dev-01191 2.10.0-dev-01211
2.10.0-dev-01213 2.10.0-dev-01219 2.10.0-dev-01221 2.10.0-dev-01226 2.10.0-dev-01240
2.10.0-dev-01245 2.10.0 2.10.1-dev-01248 2.10.1-dev-01249 2.10.1-dev-01256 2.10.1-dev-01265
2.10.1-dev-01285 2.10.1-dev-01306 2.10.1-dev-01308 2.10.1-dev-01314 2.10.1-dev-01315
2.10.1-dev-01321 2.10.1-dev-01324 2.10.1-dev-01334 2.10.1-dev-01337 2.10.1-dev-01338
2.10.1-dev-01343 2.10.1-dev-01365 2.10.1-dev-01366 2.11.0-dev-01367 2.11.0-dev-01371
2.11.0-dev-01377 2.11.0-dev-01380 2.11.0-dev-01387 2.11.0-dev-01391 2.11.0 2.11.1-dev-01397
2.12.0-dev-01435 2.12.0-dev-01439 2.12.0-dev-01445 2.12.0-dev-01447 2.12.0-dev-01449
2.12.0-dev-01451 2.12.0-dev-01458 2.12.0-dev-01463 2.12.0-dev-01471 2.12.0-dev-01474
2.12.0-dev-01477 2.12.0-dev-01479 2.12.0-dev-01489 2.12.0-dev-01490 2.12.0-dev-01492
2.12.0-dev-01494 2.12.0-dev-01499 2.12.0-dev-01501 2.12.0-dev-01504 2.12.0-dev-01511
2.12.0-dev-01516 2.12.0-dev-01518 2.12.0-dev-01520 2.12.0-dev-01525 2.12.0-dev-01533
2.12.0-dev-01535 2.12.0-dev-01538 2.12.0-dev-01543 2.12.0-dev-01551 2.12.0-dev-01553
2.12.0-dev-01555 2.12.0-dev-01559 2.12.0-dev-01564 2.12.0-dev-01568 2.12.0-dev-01571 2.12.0
2.12.1-dev-01587 2.12.1-dev-01594 2.12.1-dev-01620 2.12.1-dev-01621 2.12.1-dev-01629
2.12.1-dev-01634 2.12.1-dev-01635 3.0.0-dev-01645 3.0.0-dev-01666 3.0.0-dev-01667 3.0.0-dev-01668
3.0.0-dev-01669 3.0.0-dev-01670 3.0.0-dev-01671 3.0.0-dev-01675 3.0.0-dev-01680 3.0.0-dev-01685
3.0.0-dev-01688 3.0.0-dev-01691 3.0.0-dev-01701 3.0.0-dev-01703 3.0.0-dev-01716 3.0.0-dev-01722
3.0.0-dev-01723 3.0.0-dev-01728 3.0.0-dev-01739 3.0.0-dev-01768 3.0.0-dev-01771 3.0.0-dev-01774
3.0.0-dev-01787 3.0.0-dev-01794 3.0.0-dev-01800 3.0.0-dev-01801 3.0.0-dev-01809 3.0.0-dev-01811
3.0.0-dev-01812 3.0.0-dev-01817 3.0.0-dev-01822 3.0.0-dev-01828 3.0.0-dev-01835 3.0.0-dev-01836
3.0.0-dev-01837 3.0.0-dev-01838 3.0.0-dev-01839 3.0.0-dev-01840 3.0.0-dev-01842 3.0.0-dev-01850
3.0.0-dev-01853 3.0.0-dev-01856 3.0.0-dev-01857 3.0.0-dev-01860 3.0.0-dev-01862 3.0.0-dev-01870
3.0.0-dev-01873 3.0.0-dev-01884 3.0.0-dev-01885 3.0.0-dev-01899 3.0.0-dev-01900 3.0.0-dev-01901
3.0.0-dev-01907 3.0.0-dev-01909 3.0.0-dev-01910 3.0.0-dev-01921 3.0.0-dev-01923 3.0.0-dev-01924
3.0.0-dev-01926 3.0.0-dev-01927 3.0.0-dev-01939 3.0.0-dev-01942 3.0.0-dev-01943 3.0.0-dev-01948
3.0.0-dev-01949 3.0.0-dev-01950 3.0.0-dev-01954 3.0.0-dev-01957 3.0.0-dev-01958 3.0.0-dev-01969
3.0.0-dev-01970 3.0.0-dev-01974 3.0.0-dev-01977 3.0.0-dev-01982 3.0.0-dev-01984 3.0.0-dev-01993
3.0.0-dev-01998 3.0.0-dev-02008 3.0.0-dev-02010 3.0.0-dev-02012 3.0.0-dev-02018 3.0.0-dev-02022
3.0.0-dev-02025 3.0.0-dev-02028 3.0.0 3.0.1-dev-02033 3.0.1 3.0.2-dev-02042 3.0.2-dev-02044
3.0.2-dev-02056 3.0.2-dev-02063 3.1.0-dev-02064 3.1.0-dev-02070 3.1.0-dev-02071 3.1.0-dev-02072
3.1.0-dev-02077 3.1.0-dev-02078 3.1.0-dev-02083 3.1.0-dev-02086 3.1.0 3.1.1-dev-02091 3.1.1
3.1.2-dev-02097
"""
_SERILOG = Expected(
    versions=tuple(_SERILOG_VERSIONS.split()),
    marked={
        "2.0.0-rc-640": {"prerelease": True},
        "3.1.1": {"prerelease": False, "unlisted": False},
    },
    vendor="Serilog Contributors",
    facts={"display_name": "Serilog", "status": "active", "import_names": ["Serilog"]},
)

FIRST_DAY: dict[str, Expected] = {
    "nunit": _NUNIT,
    "castle.core": _CASTLE,
    "proxykit": _PROXYKIT,
    "teronis.msbuild.packaging.gitversioncache": _TERONIS,
    "ogcapi.net.sqlserver": _OGC,
    "microsoft.extensions.platformabstractions": _PLATFORM,
    "webgrease": _WEBGREASE,
    "serilog": _SERILOG,
}
SECOND_DAY: dict[str, Expected] = {
    **FIRST_DAY,
    "castle.core": _CASTLE_LATER,
    "ogcapi.net.sqlserver": _OGC_LATER,
    "microsoft.extensions.platformabstractions": _PLATFORM_LATER,
    "webgrease": _WEBGREASE_LATER,
}
