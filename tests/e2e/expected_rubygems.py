"""What the graph must hold of awkward gems of the sample, written down from their info documents.

Versions stand in the order of Gem::Version, whatever order a document has: a word stands below a
number and so below the end (`1.1.rc` < `1.1.rc.2` < `1.1.0`). Platforms of a version share its place and
stand by name. A version whose licence no document tells has none. Development dependencies are counted
for the one version that the API speaks of.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.e2e.expected import Expected, Need


def requires(table: str) -> dict[str, tuple[Need, ...]]:
    """Read `name constraints; name constraints | versions`, continued on lines that are indented."""
    return dict(_rows(table.strip().replace("\n    ", " ")))


def _rows(table: str) -> Iterator[tuple[str, tuple[Need, ...]]]:
    for line in table.splitlines():
        told, _, versions = line.partition(" | ")
        needs = [need.split(" ", 1) for need in told.split("; ")]
        for version in versions.split():
            yield version, tuple(Need(name, wanted, "runtime") for name, wanted in needs)


NOKOGIRI_VERSIONS = """
1.0.0 1.0.0-x86-mswin32-60 1.0.1 1.0.2 1.0.3 1.0.3-x86-mswin32-60 1.0.4 1.0.4-x86-mswin32-60 1.0.5
1.0.5-x86-mswin32-60 1.0.6 1.0.6-x86-mswin32-60 1.0.7 1.0.7-x86-mswin32-60 1.1.0
1.1.0-x86-mswin32-60 1.1.1 1.1.1-java 1.1.1-x86-mswin32-60 1.2.0 1.2.0-java 1.2.0-x86-mswin32-60
1.2.1 1.2.1-java 1.2.1-x86-mswin32-60 1.2.2 1.2.2-java 1.2.2-x86-mswin32-60 1.2.3 1.2.3-java
1.2.3-x86-mswin32-60 1.3.0 1.3.0-java 1.3.0-x86-mingw32 1.3.0-x86-mswin32 1.3.1 1.3.1-java
1.3.1-x86-mingw32 1.3.1-x86-mswin32 1.3.2 1.3.2-java 1.3.2-x86-mingw32 1.3.2-x86-mswin32 1.3.3
1.3.3-java 1.3.3-x86-mingw32 1.3.3-x86-mswin32 1.4.0 1.4.0-java 1.4.0-x86-mingw32
1.4.0-x86-mswin32 1.4.1 1.4.1-java 1.4.1-x86-mingw32 1.4.1-x86-mswin32 1.4.2 1.4.2-java
1.4.2.1-x86-mingw32 1.4.2.1-x86-mswin32 1.4.3 1.4.3-java 1.4.3-x86-mingw32 1.4.3-x86-mswin32
1.4.3.1 1.4.3.1-java 1.4.3.1-x86-mingw32 1.4.3.1-x86-mswin32 1.4.4 1.4.4-java 1.4.4-x86-mingw32
1.4.4-x86-mswin32 1.4.4.1-x86-mingw32 1.4.4.1-x86-mswin32 1.4.4.2-java 1.4.5 1.4.5-java
1.4.5-x86-mingw32 1.4.5-x86-mswin32-60 1.4.6 1.4.6-java 1.4.6-x86-mingw32 1.4.6-x86-mswin32-60
1.4.7 1.4.7-java 1.4.7-x86-mingw32 1.4.7-x86-mswin32-60 1.5.0.beta.1 1.5.0.beta.1-java
1.5.0.beta.2 1.5.0.beta.2-java 1.5.0.beta.3 1.5.0.beta.3-java 1.5.0.beta.4 1.5.0.beta.4-java 1.5.0
1.5.0-java 1.5.0-x86-mingw32 1.5.0-x86-mswin32-60 1.5.1.rc1 1.5.1.rc1-java 1.5.1.rc1-x86-mingw32
1.5.1.rc1-x86-mswin32-60 1.5.1 1.5.1-java 1.5.1-x86-mingw32 1.5.1-x86-mswin32-60 1.5.2 1.5.2-java
1.5.2-x86-mingw32 1.5.2-x86-mswin32-60 1.5.3.rc2 1.5.3.rc2-java 1.5.3.rc2-x86-mingw32
1.5.3.rc2-x86-mswin32-60 1.5.3.rc3 1.5.3.rc3-java 1.5.3.rc3-x86-mingw32 1.5.3.rc3-x86-mswin32-60
1.5.3.rc4 1.5.3.rc4-java 1.5.3.rc4-x86-mingw32 1.5.3.rc4-x86-mswin32-60 1.5.3.rc5 1.5.3.rc5-java
1.5.3.rc5-x86-mingw32 1.5.3.rc5-x86-mswin32-60 1.5.3.rc6 1.5.3.rc6-java 1.5.3.rc6-x86-mingw32
1.5.3.rc6-x86-mswin32-60 1.5.3 1.5.3-java 1.5.3-x86-mingw32 1.5.3-x86-mswin32-60 1.5.4.rc1
1.5.4.rc1-java 1.5.4.rc1-x86-mingw32 1.5.4.rc1-x86-mswin32-60 1.5.4.rc2 1.5.4.rc2-java
1.5.4.rc2-x86-mingw32 1.5.4.rc2-x86-mswin32-60 1.5.4.rc3 1.5.4.rc3-java 1.5.4.rc3-x86-mingw32
1.5.4.rc3-x86-mswin32-60 1.5.4 1.5.4-java 1.5.4-x86-mingw32 1.5.4-x86-mswin32-60 1.5.5.rc1
1.5.5.rc1-java 1.5.5.rc1-x86-mingw32 1.5.5.rc1-x86-mswin32-60 1.5.5.rc2 1.5.5.rc2-java
1.5.5.rc2-x86-mingw32 1.5.5.rc2-x86-mswin32-60 1.5.5.rc3 1.5.5.rc3-java 1.5.5.rc3-x86-mingw32
1.5.5.rc3-x86-mswin32-60 1.5.5 1.5.5-java 1.5.5-x86-mingw32 1.5.5-x86-mswin32-60 1.5.6.rc1
1.5.6.rc1-java 1.5.6.rc2 1.5.6.rc2-java 1.5.6.rc2-x86-mingw32 1.5.6.rc2-x86-mswin32-60 1.5.6.rc3
1.5.6.rc3-java 1.5.6.rc3-x86-mingw32 1.5.6.rc3-x86-mswin32-60 1.5.6 1.5.6-java 1.5.6-x86-mingw32
1.5.6-x86-mswin32-60 1.5.7.rc1 1.5.7.rc1-java 1.5.7.rc1-x86-mingw32 1.5.7.rc1-x86-mswin32-60
1.5.7.rc2 1.5.7.rc2-java 1.5.7.rc2-x86-mingw32 1.5.7.rc2-x86-mswin32-60 1.5.7.rc3 1.5.7.rc3-java
1.5.7.rc3-x86-mingw32 1.5.7.rc3-x86-mswin32-60 1.5.7 1.5.7-java 1.5.7-x86-mingw32
1.5.7-x86-mswin32-60 1.5.8 1.5.8-java 1.5.8-x86-mingw32 1.5.8-x86-mswin32-60 1.5.9 1.5.9-java
1.5.9-x86-mingw32 1.5.9-x86-mswin32-60 1.5.10 1.5.10-java 1.5.10-x86-mingw32 1.5.10-x86-mswin32-60
1.5.11 1.5.11-java 1.5.11-x86-mingw32 1.5.11-x86-mswin32-60 1.6.0.rc1 1.6.0 1.6.0-java
1.6.0-x86-mingw32 1.6.0-x86-mswin32-60 1.6.1 1.6.1-java 1.6.1-x86-mingw32 1.6.1-x86-mswin32-60
1.6.2.rc1 1.6.2.rc1-java 1.6.2.rc1-x64-mingw32 1.6.2.rc1-x86-mingw32 1.6.2.rc2 1.6.2.rc2-java
1.6.2.rc2-x64-mingw32 1.6.2.rc2-x86-mingw32 1.6.2.rc3 1.6.2.rc3-java 1.6.2.rc3-x64-mingw32
1.6.2.rc3-x86-mingw32 1.6.2 1.6.2-java 1.6.2-x64-mingw32 1.6.2-x86-mingw32 1.6.2.1 1.6.2.1-java
1.6.2.1-x64-mingw32 1.6.2.1-x86-mingw32 1.6.3.rc1 1.6.3.rc1-java 1.6.3.rc1-x64-mingw32
1.6.3.rc1-x86-mingw32 1.6.3.rc2 1.6.3.rc2-java 1.6.3.rc2-x64-mingw32 1.6.3.rc2-x86-mingw32
1.6.3.rc3 1.6.3.rc3-java 1.6.3.rc3-x64-mingw32 1.6.3.rc3-x86-mingw32 1.6.3 1.6.3-java
1.6.3-x64-mingw32 1.6.3-x86-mingw32 1.6.3.1 1.6.3.1-java 1.6.3.1-x64-mingw32 1.6.3.1-x86-mingw32
1.6.4 1.6.4-java 1.6.4-x64-mingw32 1.6.4-x86-mingw32 1.6.4.1 1.6.4.1-java 1.6.4.1-x64-mingw32
1.6.4.1-x86-mingw32 1.6.5 1.6.5-java 1.6.5-x64-mingw32 1.6.5-x86-mingw32 1.6.6.1 1.6.6.1-java
1.6.6.1-x64-mingw32 1.6.6.1-x86-mingw32 1.6.6.2 1.6.6.2-java 1.6.6.2-x64-mingw32
1.6.6.2-x86-mingw32 1.6.6.3 1.6.6.3-java 1.6.6.3-x64-mingw32 1.6.6.3-x86-mingw32 1.6.6.4
1.6.6.4-java 1.6.6.4-x64-mingw32 1.6.6.4-x86-mingw32 1.6.7.rc2 1.6.7.rc2-java
1.6.7.rc2-x64-mingw32 1.6.7.rc2-x86-mingw32 1.6.7.rc3 1.6.7.rc3-java 1.6.7.rc3-x64-mingw32
1.6.7.rc3-x86-mingw32 1.6.7.rc4 1.6.7.rc4-java 1.6.7.rc4-x64-mingw32 1.6.7.rc4-x86-mingw32 1.6.7
1.6.7-java 1.6.7-x64-mingw32 1.6.7-x86-mingw32 1.6.7.1 1.6.7.1-java 1.6.7.1-x64-mingw32
1.6.7.1-x86-mingw32 1.6.7.2 1.6.7.2-java 1.6.7.2-x64-mingw32 1.6.7.2-x86-mingw32 1.6.8.rc1
1.6.8.rc1-java 1.6.8.rc1-x64-mingw32 1.6.8.rc1-x86-mingw32 1.6.8.rc2 1.6.8.rc2-java
1.6.8.rc2-x64-mingw32 1.6.8.rc2-x86-mingw32 1.6.8.rc3 1.6.8.rc3-java 1.6.8.rc3-x64-mingw32
1.6.8.rc3-x86-mingw32 1.6.8 1.6.8-java 1.6.8-x64-mingw32 1.6.8-x86-mingw32 1.6.8.1 1.6.8.1-java
1.6.8.1-x64-mingw32 1.6.8.1-x86-mingw32 1.7.0 1.7.0-java 1.7.0-x64-mingw32 1.7.0-x86-mingw32
1.7.0.1 1.7.0.1-java 1.7.0.1-x64-mingw32 1.7.0.1-x86-mingw32 1.7.1 1.7.1-java 1.7.1-x64-mingw32
1.7.1-x86-mingw32 1.7.2 1.7.2-java 1.7.2-x64-mingw32 1.7.2-x86-mingw32 1.8.0 1.8.0-java
1.8.0-x64-mingw32 1.8.0-x86-mingw32 1.8.1 1.8.1-java 1.8.1-x64-mingw32 1.8.1-x86-mingw32 1.8.2
1.8.2-java 1.8.2-x64-mingw32 1.8.2-x86-mingw32 1.8.3 1.8.3-java 1.8.3-x64-mingw32
1.8.3-x86-mingw32 1.8.4 1.8.4-java 1.8.4-x64-mingw32 1.8.4-x86-mingw32 1.8.5 1.8.5-java
1.8.5-x64-mingw32 1.8.5-x86-mingw32 1.9.0.rc1 1.9.0.rc1-java 1.9.0.rc1-x64-mingw32
1.9.0.rc1-x86-mingw32 1.9.0 1.9.0-java 1.9.0-x64-mingw32 1.9.0-x86-mingw32 1.9.1 1.9.1-java
1.9.1-x64-mingw32 1.9.1-x86-mingw32 1.10.0.rc1 1.10.0.rc1-java 1.10.0.rc1-x64-mingw32
1.10.0.rc1-x86-mingw32 1.10.0 1.10.0-java 1.10.0-x64-mingw32 1.10.0-x86-mingw32 1.10.1 1.10.1-java
1.10.1-x64-mingw32 1.10.1-x86-mingw32 1.10.2 1.10.2-java 1.10.2-x64-mingw32 1.10.2-x86-mingw32
1.10.3 1.10.3-java 1.10.3-x64-mingw32 1.10.3-x86-mingw32 1.10.4 1.10.4-java 1.10.4-x64-mingw32
1.10.4-x86-mingw32 1.10.5 1.10.5-java 1.10.5-x64-mingw32 1.10.5-x86-mingw32 1.10.6 1.10.6-java
1.10.6-x64-mingw32 1.10.6-x86-mingw32 1.10.7 1.10.7-java 1.10.7-x64-mingw32 1.10.7-x86-mingw32
1.10.8 1.10.8-java 1.10.8-x64-mingw32 1.10.8-x86-mingw32 1.10.9 1.10.9-java 1.10.9-x64-mingw32
1.10.9-x86-mingw32 1.11.0.rc1 1.11.0.rc1-java 1.11.0.rc1-x64-mingw32 1.11.0.rc1-x86-linux
1.11.0.rc1-x86-mingw32 1.11.0.rc1-x86_64-linux 1.11.0.rc2 1.11.0.rc2-java 1.11.0.rc2-x64-mingw32
1.11.0.rc2-x86-linux 1.11.0.rc2-x86-mingw32 1.11.0.rc2-x86_64-linux
"""

NOKOGIRI_REQUIRES = """
hoe >= 1.7.0 | 1.0.0 1.0.0-x86-mswin32-60 1.0.1 1.0.2 1.0.3 1.0.3-x86-mswin32-60
hoe >= 1.9.0 | 1.2.2 1.2.2-java 1.2.2-x86-mswin32-60 1.2.3 1.2.3-java 1.2.3-x86-mswin32-60
hoe >= 1.12.2; racc >= 0; rake-compiler >= 0; tenderlove-frex >= 0 | 1.3.0 1.3.0-java
    1.3.0-x86-mswin32
hoe >= 1.12.2; racc >= 0; rake-compiler >= 0; rexical >= 0 | 1.3.1 1.3.1-java 1.3.1-x86-mingw32
    1.3.1-x86-mswin32
hoe >= 2.2.0; racc >= 0; rake-compiler >= 0; rexical >= 0 | 1.3.2
hoe >= 2.3.2; racc >= 0; rake-compiler >= 0; rexical >= 0 | 1.3.3
weakling >= 0.0.3 | 1.4.2-java 1.4.3-java 1.4.3.1-java 1.4.4-java 1.4.4.2-java 1.4.5-java
    1.4.6-java 1.4.7-java
mini_portile ~> 0.5.0 | 1.6.0.rc1 1.6.0 1.6.0-java 1.6.0-x86-mingw32 1.6.0-x86-mswin32-60 1.6.1
    1.6.1-java 1.6.1-x86-mingw32 1.6.1-x86-mswin32-60
mini_portile ~> 0.5.2 | 1.6.2.rc1 1.6.2.rc1-x64-mingw32 1.6.2.rc1-x86-mingw32 1.6.2.rc2
    1.6.2.rc2-x64-mingw32 1.6.2.rc2-x86-mingw32 1.6.2.rc3 1.6.2.rc3-x64-mingw32
    1.6.2.rc3-x86-mingw32 1.6.2 1.6.2-x64-mingw32 1.6.2-x86-mingw32
mini_portile = 0.6.0 | 1.6.2.1 1.6.2.1-x64-mingw32 1.6.2.1-x86-mingw32 1.6.3.rc1
    1.6.3.rc1-x64-mingw32 1.6.3.rc1-x86-mingw32 1.6.3.rc2 1.6.3.rc2-x64-mingw32
    1.6.3.rc2-x86-mingw32 1.6.3.rc3 1.6.3.rc3-x64-mingw32 1.6.3.rc3-x86-mingw32 1.6.3
    1.6.3-x64-mingw32 1.6.3-x86-mingw32 1.6.3.1 1.6.3.1-x64-mingw32 1.6.3.1-x86-mingw32
mini_portile ~> 0.6.0 | 1.6.4 1.6.4-x64-mingw32 1.6.4-x86-mingw32 1.6.4.1 1.6.4.1-x64-mingw32
    1.6.4.1-x86-mingw32 1.6.5 1.6.5-x64-mingw32 1.6.5-x86-mingw32 1.6.6.1 1.6.6.1-x64-mingw32
    1.6.6.1-x86-mingw32 1.6.6.2 1.6.6.2-x64-mingw32 1.6.6.2-x86-mingw32 1.6.6.3
    1.6.6.3-x64-mingw32 1.6.6.3-x86-mingw32 1.6.6.4 1.6.6.4-x64-mingw32 1.6.6.4-x86-mingw32
mini_portile ~> 0.7.0.rc2 | 1.6.7.rc2 1.6.7.rc2-x64-mingw32 1.6.7.rc2-x86-mingw32
mini_portile ~> 0.7.0.rc4 | 1.6.7.rc3 1.6.7.rc3-x64-mingw32 1.6.7.rc3-x86-mingw32
mini_portile2 ~> 2.0.0.rc2 | 1.6.7.rc4 1.6.7.rc4-x64-mingw32 1.6.7.rc4-x86-mingw32 1.6.7
    1.6.7-x64-mingw32 1.6.7-x86-mingw32 1.6.7.1 1.6.7.1-x64-mingw32 1.6.7.1-x86-mingw32 1.6.7.2
    1.6.7.2-x64-mingw32 1.6.7.2-x86-mingw32
mini_portile2 ~> 2.0.0 | 1.6.8.rc1 1.6.8.rc1-x64-mingw32 1.6.8.rc1-x86-mingw32
mini_portile2 ~> 2.1.0 | 1.6.8.rc2 1.6.8.rc2-x64-mingw32 1.6.8.rc2-x86-mingw32 1.6.8.1
    1.6.8.1-x64-mingw32 1.6.8.1-x86-mingw32 1.7.0 1.7.0-x64-mingw32 1.7.0-x86-mingw32 1.7.0.1
    1.7.0.1-x64-mingw32 1.7.0.1-x86-mingw32 1.7.1 1.7.1-x64-mingw32 1.7.1-x86-mingw32 1.7.2
    1.7.2-x64-mingw32 1.7.2-x86-mingw32
mini_portile2 ~> 2.1.0; pkg-config ~> 1.1.7 | 1.6.8.rc3 1.6.8.rc3-x64-mingw32
    1.6.8.rc3-x86-mingw32 1.6.8 1.6.8-x64-mingw32 1.6.8-x86-mingw32
mini_portile2 ~> 2.2.0 | 1.8.0 1.8.0-x64-mingw32 1.8.0-x86-mingw32
mini_portile2 ~> 2.3.0 | 1.8.1 1.8.1-x64-mingw32 1.8.1-x86-mingw32 1.8.2 1.8.2-x64-mingw32
    1.8.2-x86-mingw32 1.8.3 1.8.3-x64-mingw32 1.8.3-x86-mingw32 1.8.4 1.8.4-x64-mingw32
    1.8.4-x86-mingw32 1.8.5 1.8.5-x64-mingw32 1.8.5-x86-mingw32
mini_portile2 ~> 2.4.0 | 1.9.0.rc1 1.9.0.rc1-x64-mingw32 1.9.0.rc1-x86-mingw32 1.9.0
    1.9.0-x64-mingw32 1.9.0-x86-mingw32 1.9.1 1.9.1-x64-mingw32 1.9.1-x86-mingw32 1.10.0.rc1
    1.10.0.rc1-x64-mingw32 1.10.0.rc1-x86-mingw32 1.10.0 1.10.0-x64-mingw32 1.10.0-x86-mingw32
    1.10.1 1.10.1-x64-mingw32 1.10.1-x86-mingw32 1.10.2 1.10.2-x64-mingw32 1.10.2-x86-mingw32
    1.10.3 1.10.3-x64-mingw32 1.10.3-x86-mingw32 1.10.4 1.10.4-x64-mingw32 1.10.4-x86-mingw32
    1.10.5 1.10.5-x64-mingw32 1.10.5-x86-mingw32 1.10.6 1.10.6-x64-mingw32 1.10.6-x86-mingw32
    1.10.7 1.10.7-x64-mingw32 1.10.7-x86-mingw32 1.10.8 1.10.8-x64-mingw32 1.10.8-x86-mingw32
    1.10.9 1.10.9-x64-mingw32 1.10.9-x86-mingw32 1.11.0.rc1 1.11.0.rc1-x64-mingw32
    1.11.0.rc1-x86-linux 1.11.0.rc1-x86-mingw32 1.11.0.rc1-x86_64-linux
mini_portile2 ~> 2.5.0 | 1.11.0.rc2
"""

BUNDLER_VERSIONS = """
0.3.0 0.3.1 0.4.0 0.4.1 0.5.0 0.6.0 0.7.0 0.7.1 0.7.2 0.7.3.pre 0.7.3.pre2 0.8.0 0.8.1 0.9.0.pre1
0.9.0.pre2 0.9.0.pre3 0.9.0.pre4 0.9.0.pre5 0.9.0 0.9.1.pre1 0.9.1 0.9.2 0.9.3 0.9.4 0.9.5 0.9.6
0.9.7 0.9.8 0.9.9 0.9.10 0.9.11 0.9.12 0.9.13 0.9.14 0.9.15 0.9.16 0.9.17 0.9.18 0.9.19 0.9.20
0.9.21 0.9.22 0.9.23 0.9.24 0.9.25 0.9.26 1.0.0.beta.1 1.0.0.beta.2 1.0.0.beta.3 1.0.0.beta.4
1.0.0.beta.5 1.0.0.beta.8 1.0.0.beta.9 1.0.0.beta.10 1.0.0.rc.1 1.0.0.rc.2 1.0.0.rc.3 1.0.0.rc.5
1.0.0.rc.6 1.0.0 1.0.2 1.0.3 1.0.5 1.0.7 1.0.9 1.0.10 1.0.11 1.0.12 1.0.13 1.0.14 1.0.15 1.0.17
1.0.18 1.0.19.rc 1.0.20.rc 1.0.20 1.0.21.rc 1.0.21 1.0.22 1.1.pre 1.1.pre.1 1.1.pre.2 1.1.pre.3
1.1.pre.4 1.1.pre.5 1.1.pre.7 1.1.pre.8 1.1.pre.9 1.1.pre.10 1.1.rc 1.1.rc.2 1.1.rc.3 1.1.rc.5
1.1.rc.6 1.1.rc.7 1.1.rc.8 1.1.0 1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.2.0.pre 1.2.0.pre.1 1.2.0.rc
1.2.0.rc.2 1.2.0 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.0.pre 1.3.0.pre.2 1.3.0.pre.3 1.3.0.pre.4
1.3.0.pre.5 1.3.0.pre.6 1.3.0.pre.7 1.3.0.pre.8 1.3.0 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 1.3.6
1.4.0.pre.1 1.4.0.pre.2 1.4.0.rc.1 1.5.0.rc.1 1.5.0.rc.2 1.5.0 1.5.1 1.5.2 1.5.3 1.6.0.pre.1
1.6.0.pre.2 1.6.0.rc 1.6.0.rc2 1.6.0 1.6.1 1.6.2 1.6.3 1.6.4 1.6.5 1.6.6 1.6.7 1.6.8 1.6.9 1.7.0
1.7.1.pre 1.7.1.pre.2 1.7.1.pre.3 1.7.1 1.7.2 1.7.3 1.7.4 1.7.5 1.7.6 1.7.7 1.7.8 1.7.9 1.7.10
1.7.11 1.7.12 1.7.13 1.7.14 1.7.15 1.8.0.pre 1.8.0 1.8.1 1.8.2 1.8.3 1.8.4 1.8.5 1.8.6 1.8.7 1.8.8
1.8.9 1.9.0.pre 1.9.0.pre.1 1.9.0.rc 1.9.0 1.9.1 1.9.2 1.9.3 1.9.4 1.9.5 1.9.6 1.9.7 1.9.8 1.9.9
1.9.10 1.10.0.pre 1.10.0.pre.1 1.10.0.pre.2 1.10.0.rc 1.10.0 1.10.1 1.10.2 1.10.3 1.10.4 1.10.5
1.10.6 1.11.0.pre.1 1.11.0.pre.2 1.11.0 1.11.1 1.11.2 1.12.0.pre.1 1.12.0.pre.2 1.12.0.rc
1.12.0.rc.2 1.12.0.rc.3 1.12.0.rc.4 1.12.0 1.12.1 1.12.2 1.12.3 1.12.4 1.12.5 1.12.6 1.13.0.pre.1
1.13.0.rc.1 1.13.0.rc.2 1.13.0 1.13.1 1.13.2 1.13.3 1.13.4 1.13.5 1.13.6 1.13.7 1.14.0.pre.1
1.14.0.pre.2 1.14.0 1.14.1 1.14.2 1.14.3 1.14.4 1.14.5 1.14.6 1.15.0.pre.1 1.15.0.pre.2
1.15.0.pre.3 1.15.0.pre.4 1.15.0 1.15.1 1.15.2 1.15.3 1.15.4 1.16.0.pre.1 1.16.0.pre.2
1.16.0.pre.3 1.16.0 1.16.1 1.16.2 1.16.3 1.16.4 1.16.5 1.16.6 1.17.0.pre.1 1.17.0.pre.2 1.17.0
1.17.1 1.17.2 1.17.3 2.0.0.pre.1 2.0.0.pre.2 2.0.0.pre.3 2.0.0 2.0.1 2.0.2 2.1.0.pre.1 2.1.0.pre.2
2.1.0.pre.3 2.1.0 2.1.1 2.1.2 2.1.3 2.1.4 2.2.0.rc.1
"""

I18N_VERSIONS = """
0.1.0 0.2.0 0.2.1 0.3.0 0.3.1 0.3.2 0.3.3 0.3.4 0.3.5 0.3.6.pre 0.3.6 0.3.7 0.4.0.beta 0.4.0.beta1
0.4.0 0.4.1 0.4.2 0.5.0beta1 0.5.0beta2 0.5.0beta3 0.5.0 0.5.2 0.5.3 0.5.4 0.6.0beta1 0.6.0 0.6.1
0.6.2 0.6.3 0.6.4 0.6.5 0.6.8 0.6.9 0.6.11 0.7.0.beta1 0.7.0 0.8.0.beta1 0.8.0 0.8.1 0.8.3 0.8.4
0.8.5 0.8.6 0.9.0 0.9.1 0.9.3 0.9.4 0.9.5 1.0.0 1.0.1 1.1.0 1.1.1 1.2.0 1.3.0 1.4.0 1.5.1 1.5.2
1.5.3 1.6.0 1.7.0 1.7.1 1.8.0 1.8.1 1.8.2 1.8.3
"""

I18N_REQUIRES = """
concurrent-ruby ~> 1.0 | 0.9.0 0.9.1 0.9.3 0.9.4 0.9.5 1.0.0 1.0.1 1.1.0 1.1.1 1.2.0 1.3.0 1.4.0
    1.5.1 1.5.2 1.5.3 1.6.0 1.7.0 1.7.1 1.8.0 1.8.1 1.8.2 1.8.3
"""

VIRTUS_VERSIONS = """
0.0.1 0.0.2 0.0.3 0.0.4 0.0.5 0.0.6 0.0.7 0.0.8 0.0.9 0.0.10 0.1.0 0.2.0 0.3.0 0.4.0 0.4.1 0.4.2
0.5.0 0.5.1 0.5.2 0.5.3 0.5.4 0.5.5 1.0.0.beta3 1.0.0.beta4 1.0.0.beta5 1.0.0.beta6 1.0.0.beta7
1.0.0.beta8 1.0.0.rc1 1.0.0.rc2 1.0.0 1.0.1 1.0.2 1.0.3 1.0.4 1.0.5
"""

VIRTUS_REQUIRES = """
backports ~> 2.5.1 | 0.4.1
backports ~> 2.5.3 | 0.4.2
backports ~> 2.6.1 | 0.5.0 0.5.1 0.5.2
backports ~> 2.6.1; descendants_tracker ~> 0.0.1 | 0.5.3 0.5.4
backports ~> 3.3; descendants_tracker ~> 0.0.1 | 0.5.5
axiom-types ~> 0.0.3; coercible ~> 0.2; descendants_tracker ~> 0.0.1; equalizer ~> 0.0.7 |
    1.0.0.beta3 1.0.0.beta4 1.0.0.beta5 1.0.0.beta6 1.0.0.beta7 1.0.0.beta8
axiom-types ~> 0.0.4; coercible ~> 0.2; descendants_tracker ~> 0.0.1; equalizer ~> 0.0.7 |
    1.0.0.rc1
axiom-types ~> 0.0.5; coercible ~> 0.2; descendants_tracker ~> 0.0.1; equalizer ~> 0.0.7 |
    1.0.0.rc2 1.0.0
axiom-types ~> 0.0.5; coercible ~> 1.0; descendants_tracker ~> 0.0.1; equalizer ~> 0.0.7 | 1.0.1
axiom-types ~> 0.1; coercible ~> 1.0; descendants_tracker ~> 0.0.3; equalizer ~> 0.0.9 | 1.0.2
axiom-types ~> 0.1; coercible ~> 1.0; descendants_tracker >= 0.0.3, ~> 0.0; equalizer >= 0.0.9, ~>
    0.0 | 1.0.3 1.0.4 1.0.5
"""

_NOKOGIRI = Expected(
    versions=tuple(NOKOGIRI_VERSIONS.split()),
    requires=requires(NOKOGIRI_REQUIRES),
    dates={
        "1.0.0": "2009-07-25T18:05:15Z",
        "1.2.1-x86-mswin32-60": "2009-07-25T18:05:08Z",
        "1.5.0-java": "2011-07-01T07:26:59Z",
        "1.10.9": "2020-03-01T19:05:49Z",
        "1.10.9-java": "2020-03-01T19:04:50Z",
    },
    marked={
        "1.0.0": {"license": None, "prerelease": False, "platform": "ruby", "ruby_version": ""},
        "1.5.0-java": {"license": None, "prerelease": False, "platform": "java"},
        "1.2.1-x86-mswin32-60": {"platform": "x86-mswin32-60", "rubygems_version": ""},
        "1.10.9": {"license": "MIT", "platform": "ruby", "development_requirements": None},
        "1.10.9-java": {"license": "MIT", "platform": "java", "ruby_version": ">= 2.3.0"},
        "1.11.0.rc2-x86_64-linux": {
            "prerelease": True,
            "platform": "x86_64-linux",
            "ruby_version": "< 2.8.dev, >= 2.4",
            "rubygems_version": "> 1.3.1",
        },
    },
    vendor="sparklemotion",
    repository_url="https://github.com/sparklemotion/nokogiri",
    facts={"license": "MIT", "import_names": None},
)

# No document of the API: dates stand in the info document, up to 1.16.3.
_BUNDLER = Expected(
    versions=tuple(BUNDLER_VERSIONS.split()),
    dates={
        "0.3.0": "2009-08-04T23:57:03Z",
        "1.0.0.beta.10": "2010-07-25T20:01:04Z",
        "1.0.0": "2010-08-29T17:41:38Z",
        "1.16.3": "2018-07-17T04:59:20Z",
        "2.1.4": "",
    },
    marked={
        "0.3.0": {"prerelease": False, "ruby_version": "", "license": None},
        "1.1.rc": {"prerelease": True},
        "2.1.4": {"ruby_version": ">= 2.3.0", "rubygems_version": ">= 2.5.2"},
        "2.2.0.rc.1": {"prerelease": True, "ruby_version": ">= 2.3.0"},
    },
    facts={"license": None, "import_names": ["bundler"]},
)

_I18N = Expected(
    versions=tuple(I18N_VERSIONS.split()),
    requires=requires(I18N_REQUIRES),
    dates={
        "0.1.0": "2009-07-25T18:13:57.000Z",
        "0.3.6.pre": "2010-03-10T21:08:05.363Z",
        "1.0.1": "2018-04-18T04:56:52.030Z",
        "1.8.2": "",
    },
    marked={
        "0.1.0": {"license": None, "prerelease": False},
        "0.3.6.pre": {"license": None, "prerelease": True, "rubygems_version": "> 1.3.1"},
        "0.5.0beta1": {"prerelease": True},
        "1.0.1": {"license": "MIT", "ruby_version": ">= 2.0.0", "rubygems_version": ">= 1.3.5"},
    },
)

_RUBYSTATS = Expected(
    versions=("0.2.6",),
    dates={"0.2.6": "2017-07-24T11:40:49.445Z"},
    marked={
        "0.2.6": {
            "license": "MIT",
            "prerelease": False,
            "ruby_version": ">= 1.9.3",
            "development_requirements": 1,
        }
    },
    vendor="phillbaker",
    repository_url="https://github.com/phillbaker/rubystats",
    facts={"license": "MIT", "import_names": None},
)

_SPRUZ = Expected(
    versions=(
        *("0.1.0", "0.1.1", "0.1.2", "0.1.3", "0.1.5", "0.2.0", "0.2.1", "0.2.2", "0.2.5", "0.2.6"),
        *("0.2.7", "0.2.8", "0.2.9", "0.2.10", "0.2.11", "0.2.12", "0.2.13"),
    ),
    facts={"license": None},
)

FIRST_DAY: dict[str, Expected] = {
    "nokogiri": _NOKOGIRI,
    "bundler": _BUNDLER,
    "i18n": _I18N,
    "rubystats": _RUBYSTATS,
    "virtus": Expected(
        versions=tuple(VIRTUS_VERSIONS.split()),
        requires=requires(VIRTUS_REQUIRES),
        marked={"1.0.0.rc1": {"prerelease": True}, "1.0.5": {"prerelease": False}},
        facts={"import_names": ["virtus"]},
    ),
    "blankslate": Expected(
        versions=("3.1.3",),
        marked={"3.1.3": {"license": None, "development_requirements": 2}},
        vendor="masover",
        repository_url="https://github.com/masover/blankslate",
        facts={"license": "", "import_names": ["blankslate"]},
    ),
    "tzinfo": Expected(
        versions=("1.2.2", "1.2.5", "1.2.7"),
        requires=requires("thread_safe ~> 0.1 | 1.2.2 1.2.5 1.2.7"),
        facts={"license": None, "import_names": None},
    ),
    "archive-tar-minitar": Expected(
        versions=("0.5.2",),
        marked={"0.5.2": {"development_requirements": 0, "ruby_version": ">= 1.8.2"}},
        facts={"license": "", "import_names": ["archive/tar/minitar"]},
    ),
    "SexpProcessor": Expected(
        versions=("3.0.0",), requires=requires("sexp_processor = 3.0.0 | 3.0.0")
    ),
    "spruz": _SPRUZ,
    "weakling": Expected(
        versions=("0.0.1", "0.0.2", "0.0.3", "0.0.4-java"),
        marked={"0.0.3": {"platform": "ruby"}, "0.0.4-java": {"platform": "java"}},
    ),
}

SECOND_DAY: dict[str, Expected] = {
    **FIRST_DAY,
    "nokogiri": replace(
        _NOKOGIRI,
        versions=(*_NOKOGIRI.versions, "1.13.6"),
        requires={
            **_NOKOGIRI.requires,
            **requires("mini_portile2 ~> 2.8.0; racc ~> 1.4 | 1.13.6"),
        },
        dates={**_NOKOGIRI.dates, "1.13.6": "2022-05-08T14:34:51Z"},
        marked={
            **_NOKOGIRI.marked,
            "1.13.6": {
                "license": "MIT",
                "prerelease": False,
                "ruby_version": ">= 2.6.0",
                "development_requirements": 16,
            },
        },
        facts={"license": "MIT", "import_names": ["nokogiri"]},
    ),
    # 1.8.3 was yanked: its line is gone from the info document, and nothing else changed.
    "i18n": replace(
        _I18N,
        versions=_I18N.versions[:-1],
        requires={
            version: needs for version, needs in _I18N.requires.items() if version != "1.8.3"
        },
    ),
    # Every version was yanked: they have moved from HAVE to WAS_OF.
    "spruz": Expected(versions=(), facts={"status": "removed"}),
    "rubystats": replace(
        _RUBYSTATS,
        versions=("0.2.6", "0.3.0"),
        dates={**_RUBYSTATS.dates, "0.3.0": "2017-12-02T17:23:59.896Z"},
        marked={
            **_RUBYSTATS.marked,
            "0.3.0": {"license": "MIT", "ruby_version": ">= 1.9.3", "development_requirements": 2},
        },
        facts={"license": "MIT", "import_names": ["rubystats"]},
    ),
}
