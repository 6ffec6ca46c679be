"""What the sample's Maven packages must become, written down by hand on either of its days.

Derived from the sample's documents by Maven's own rules: the POM reference (inheritance,
interpolation, dependencyManagement, imported BOMs, relocation, Version Order Specification) and the
table of kinds in the graph's contract. A difference is a fault of the product or a change of the
sample: it is looked into, and never copied from what the product says.
"""

from dataclasses import replace

from tests.e2e.expected import Expected, Need


def compile_(name: str, version: str, variant: str = "") -> Need:
    """A requirement of scope compile."""
    return Need(name, version, "compile", "", variant)


def test_scope(name: str, version: str) -> Need:
    """A requirement of scope test."""
    return Need(name, version, "test")


def about(name: str, license_name: str, **more: object) -> dict[str, object]:
    """Facts of a package that is not relocated."""
    group, artifact = name.split(":")
    facts: dict[str, object] = {"group_id": group, "artifact_id": artifact}
    return {**facts, "license": license_name, "relocated_to": "", **more}


# A chain of two parents; versions are properties of the first, scopes are its management's.
def _httpclient(core: str) -> tuple[tuple[Need, ...], tuple[Need, ...]]:
    required = (
        compile_("org.apache.httpcomponents:httpcore", core),
        compile_("commons-logging:commons-logging", "1.2"),
        compile_("commons-codec:commons-codec", "1.11"),
    )
    return required, (
        test_scope("junit:junit", "4.11"),
        test_scope("org.mockito:mockito-core", "1.10.19"),
    )


HTTPCLIENT = Expected(
    versions=("4.5.13", "4.5.14"),
    requires={"4.5.13": _httpclient("4.4.13")[0], "4.5.14": _httpclient("4.4.16")[0]},
    optional={"4.5.13": _httpclient("4.4.13")[1], "4.5.14": _httpclient("4.4.16")[1]},
    vendor="apache",
    repository_url="https://github.com/apache/httpcomponents-client",
    marked={
        version: {
            "prerelease": False,
            "packaging": "jar",
            "license": "Apache License, Version 2.0",
            "licenses": ["Apache License, Version 2.0"],
        }
        for version in ("4.5.13", "4.5.14")
    },
    facts=about("org.apache.httpcomponents:httpclient", "Apache License, Version 2.0"),
)

# Four parents, of which the second is a BOM: it manages what the first imports beside another BOM.
# The annotations have a version of their own since 2.20. Test versions come from the imported BOM
# (whose own version is a property of the outermost parent), from properties and from the POM itself.
_DATABIND_TESTS = (
    test_scope("com.google.guava:guava-testlib", "32.0.1-jre"),
    test_scope("io.micronaut.test:micronaut-test-type-pollution", "4.8.1"),
    test_scope("javax.measure:jsr-275", "0.9.1"),
    test_scope("org.assertj:assertj-core", "3.27.7"),
    test_scope("org.junit.jupiter:junit-jupiter", "5.14.3"),
    test_scope("org.junit.jupiter:junit-jupiter-api", "5.14.3"),
    test_scope("org.junit.platform:junit-platform-suite-engine", "1.14.3"),
    test_scope("org.mockito:mockito-core", "4.11.0"),
    test_scope("org.mockito:mockito-inline", "4.11.0"),
    test_scope("org.openjdk.jol:jol-core", "0.16"),
)
_DATABIND_TESTS_2_17 = (
    test_scope("com.google.guava:guava-testlib", "31.1-jre"),
    test_scope("javax.measure:jsr-275", "0.9.1"),
    test_scope("junit:junit", "4.13.2"),  # a dependency of its parent
    test_scope("net.bytebuddy:byte-buddy", "1.14.13"),
    test_scope("org.assertj:assertj-core", "3.24.2"),
    test_scope("org.junit.jupiter:junit-jupiter", "5.10.2"),
    test_scope("org.junit.vintage:junit-vintage-engine", "5.10.2"),
    test_scope("org.mockito:mockito-core", "4.11.0"),
    test_scope("org.mockito:mockito-inline", "4.11.0"),
    test_scope("org.openjdk.jol:jol-core", "0.16"),
)


def _databind(annotations: str, core: str) -> tuple[Need, ...]:
    return (
        compile_("com.fasterxml.jackson.core:jackson-annotations", annotations),
        compile_("com.fasterxml.jackson.core:jackson-core", core),
    )


DATABIND = Expected(
    versions=("2.17.1", "2.22.3", "2.22.4"),
    requires={
        "2.17.1": _databind("2.17.1", "2.17.1"),
        "2.22.3": _databind("2.22", "2.22.3"),
        "2.22.4": _databind("2.22", "2.22.4"),
    },
    optional={
        "2.17.1": _DATABIND_TESTS_2_17,
        "2.22.3": _DATABIND_TESTS,
        "2.22.4": _DATABIND_TESTS,
    },
    vendor="FasterXML",
    repository_url="https://github.com/FasterXML/jackson-databind",
    facts=about(
        "com.fasterxml.jackson.core:jackson-databind", "The Apache Software License, Version 2.0"
    ),
)

# Version ranges, and requirements that are optional beside those of scope test.
_JOSE_REQUIRED = (
    compile_("com.github.stephenc.jcip:jcip-annotations", "1.0-1"),
    compile_("net.minidev:json-smart", "[1.3.1,2.3]"),
)
_JOSE_OPTIONAL = (
    compile_("com.google.crypto.tink:tink", "1.2.2"),
    compile_("org.bouncycastle:bcpkix-jdk15on", "[1.52,)"),
    compile_("org.bouncycastle:bcprov-jdk15on", "[1.52,)"),
    test_scope("junit:junit", "4.12"),
    test_scope("net.jadler:jadler-all", "1.1.1"),
    test_scope("org.bitbucket.b_c:jose4j", "0.4.1"),
)
JOSE = Expected(
    versions=("7.9", "8.2.1"),
    requires=dict.fromkeys(("7.9", "8.2.1"), _JOSE_REQUIRED),
    optional=dict.fromkeys(("7.9", "8.2.1"), _JOSE_OPTIONAL),
    vendor="connect2id",
    repository_url="https://bitbucket.org/connect2id/nimbus-jose-jwt",
    facts=about("com.nimbusds:nimbus-jose-jwt", "The Apache Software License, Version 2.0"),
)

# Requires itself by classifier, each twice in the POM; and sources, optionally.
_TCNATIVE = "io.netty:netty-tcnative-boringssl-static"
_PLATFORMS = ("linux-aarch_64", "linux-x86_64", "osx-aarch_64", "osx-x86_64", "windows-x86_64")


def _boringssl(version: str) -> tuple[Need, ...]:
    itself = (compile_(_TCNATIVE, version, f"jar:{platform}") for platform in _PLATFORMS)
    return (compile_("io.netty:netty-tcnative-classes", version), *itself)


BORINGSSL = Expected(
    versions=("2.0.84.Final", "2.0.85.Final"),
    requires={version: _boringssl(version) for version in ("2.0.84.Final", "2.0.85.Final")},
    optional={
        "2.0.84.Final": (compile_("io.netty:netty-jni-util", "0.0.11.Final", "jar:sources"),),
        "2.0.85.Final": (compile_("io.netty:netty-jni-util", "0.0.12.Final", "jar:sources"),),
    },
    marked={
        version: {
            "prerelease": False,
            "exclusions": ["io.netty:netty-jni-util<-io.netty:netty-tcnative-classes"],
        }
        for version in ("2.0.84.Final", "2.0.85.Final")
    },
    vendor="netty",
    repository_url="https://github.com/netty/netty-tcnative",
    facts=about(_TCNATIVE, "The Apache Software License, Version 2.0"),
)

# Moved to another group: its only POM says so and nothing else.
RELOCATED = Expected(
    versions=("1.3.2",),
    marked={"1.3.2": {"prerelease": False, "relocated_to": "commons-io:commons-io:1.3.2"}},
    facts={
        "group_id": "org.apache.commons",
        "artifact_id": "commons-io",
        "license": "",
        "relocated_to": "commons-io:commons-io:1.3.2",
    },
)

# "r03" is a qualifier and sorts before every number; "android" and "jre" are qualifiers that Maven does
# not know, which sort behind the release and among each other by their letters; "rc" sorts before it.
_GUAVA_VERSIONS = """
    r03 r05 r06 r07 r08 r09
    10.0-rc1 10.0-rc2 10.0-rc3 10.0 10.0.1 11.0-rc1 11.0 11.0.1 11.0.2 12.0-rc1 12.0-rc2 12.0 12.0.1
    13.0-rc1 13.0-rc2 13.0 13.0.1 14.0-rc1 14.0-rc2 14.0-rc3 14.0 14.0.1 15.0-rc1 15.0
    16.0-rc1 16.0 16.0.1 17.0-rc1 17.0-rc2 17.0 18.0-rc1 18.0-rc2 18.0 19.0-rc1 19.0-rc2 19.0-rc3 19.0
    20.0-rc1 20.0 21.0-rc1 21.0-rc2 21.0 22.0-rc1 22.0-rc1-android 22.0 22.0-android
    23.0-rc1 23.0-rc1-android 23.0 23.0-android 23.1-android 23.1-jre 23.2-android 23.2-jre
    23.3-android 23.3-jre 23.4-android 23.4-jre 23.5-android 23.5-jre 23.6-android 23.6-jre
    23.6.1-android 23.6.1-jre 24.0-android 24.0-jre 24.1-android 24.1-jre 24.1.1-android 24.1.1-jre
    25.0-android 25.0-jre 25.1-android 25.1-jre 26.0-android 26.0-jre
    27.0-android 27.0-jre 27.0.1-android 27.0.1-jre 27.1-android 27.1-jre
    28.0-android 28.0-jre 28.1-android 28.1-jre 28.2-android 28.2-jre 29.0-android 29.0-jre
    30.0-android 30.0-jre 30.1-android 30.1-jre 30.1.1-android 30.1.1-jre
    31.0-android 31.0-jre 31.0.1-android 31.0.1-jre 31.1-android 31.1-jre
    32.0.0-android 32.0.0-jre 32.0.1-android 32.0.1-jre 32.1.0-android 32.1.0-jre
    32.1.1-android 32.1.1-jre 32.1.2-android 32.1.2-jre 32.1.3-android 32.1.3-jre
    33.0.0-android 33.0.0-jre 33.1.0-android 33.1.0-jre
    33.2.0-android 33.2.0-jre 33.2.1-android 33.2.1-jre
    33.3.0-android 33.3.0-jre 33.3.1-android 33.3.1-jre
    33.4.0-android 33.4.0-jre 33.4.1-android 33.4.1-jre 33.4.2-android 33.4.2-jre
    33.4.3-android 33.4.3-jre 33.4.4-android 33.4.4-jre 33.4.5-android 33.4.5-jre
    33.4.6-android 33.4.6-jre 33.4.7-android 33.4.7-jre 33.4.8-android 33.4.8-jre
    33.5.0-android 33.5.0-jre 33.6.0-android 33.6.0-jre 33.7.0-android 33.7.0-jre
    33.7.1-android 33.7.1-jre 33.7.2-android 33.7.2-jre 33.8.0-android 33.8.0-jre
"""


_NO_FUTURE = "9999.0-empty-to-avoid-conflict-with-guava"


def _guava_33(errorprone: str, j2objc: str, access: str, *nullness: Need) -> tuple[Need, ...]:
    return (
        compile_("com.google.errorprone:error_prone_annotations", errorprone),
        compile_("com.google.guava:failureaccess", access),
        compile_("com.google.guava:listenablefuture", _NO_FUTURE),
        compile_("com.google.j2objc:j2objc-annotations", j2objc),
        *nullness,
    )


_CHECKER = (
    compile_("com.google.code.findbugs:jsr305", "3.0.2"),
    compile_("org.checkerframework:checker-qual", "3.42.0"),
)
_JSPECIFY = compile_("org.jspecify:jspecify", "1.0.1")

GUAVA = Expected(
    versions=tuple(_GUAVA_VERSIONS.split()),
    requires={
        # A profile that a file of the JDK activates adds nothing: a graph has no such file.
        "23.3-jre": (
            compile_("com.google.code.findbugs:jsr305", "1.3.9"),
            compile_("com.google.errorprone:error_prone_annotations", "2.0.18"),
            compile_("com.google.j2objc:j2objc-annotations", "1.1"),
            compile_("org.codehaus.mojo:animal-sniffer-annotations", "1.14"),
        ),
        "33.2.1-android": _guava_33("2.26.1", "3.0.0", "1.0.2", *_CHECKER),
        "33.2.1-jre": _guava_33("2.26.1", "3.0.0", "1.0.2", *_CHECKER),
        "33.7.2-jre": _guava_33("2.50.0", "3.1", "1.0.3", _JSPECIFY),
        "33.8.0-android": _guava_33("2.52.0", "3.1", "1.0.3", _JSPECIFY),
        "33.8.0-jre": _guava_33("2.52.0", "3.1", "1.0.3", _JSPECIFY),
    },
    dates={
        "r03": "2010-04-26T13:06:05Z",
        "10.0": "2011-09-28T16:04:35Z",
        "22.0-rc1-android": "2017-05-02T21:34:40Z",
        "23.3-jre": "2017-10-26T20:06:11Z",
        "33.5.0-jre": "2025-09-17T20:19:36Z",
    },
    marked={
        "r03": {"prerelease": False},
        "10.0-rc1": {"prerelease": True},
        "22.0-rc1-android": {"prerelease": True},
        "22.0-android": {"prerelease": False},
        "33.8.0-jre": {
            "prerelease": False,
            "packaging": "bundle",
            "license": "Apache License, Version 2.0",
        },
    },
    vendor="google",
    repository_url="https://github.com/google/guava",
    facts=about("com.google.guava:guava", "Apache License, Version 2.0"),
)

# Dates as versions sort behind everything; the newest with a POM is 3.2.2, which speaks for the package.
COLLECTIONS = Expected(
    versions=(
        *("1.0", "2.0", "2.0.20020914.015953", "2.0.20020914.020746", "2.0.20020914.020858"),
        *("2.1", "2.1.1", "3.0", "3.0-dev2", "3.1", "3.2", "3.2.1", "3.2.2"),
        *("20030418.083655", "20031027.000000", "20040102.233541", "20040616"),
    ),
    optional={
        "2.1": (test_scope("junit:junit", "3.7"),),
        **dict.fromkeys(("3.1", "3.2", "3.2.1", "3.2.2"), (test_scope("junit:junit", "3.8.1"),)),
    },
    marked={"3.0-dev2": {"prerelease": False}, "20040616": {"prerelease": False}},
    facts=about("commons-collections:commons-collections", "Apache License, Version 2.0"),
)

# A prerelease that the second day takes back.
OPENTEST = Expected(
    versions=("1.2.0", "1.3.0-RC2", "1.3.0"),
    marked={"1.3.0-RC2": {"prerelease": True}, "1.3.0": {"prerelease": False}},
    vendor="ota4j-team",
    repository_url="https://github.com/ota4j-team/opentest4j",
    facts=about(
        "org.opentest4j:opentest4j",
        "The Apache License, Version 2.0",
        import_names=["org.opentest4j"],
        import_names_source="opentest4j-1.3.0.jar",
    ),
)


# Gains a version on the second day, and with it a jar.
def _gson(testlib: str, truth: str, *more: Need) -> tuple[Need, ...]:
    return (
        test_scope("com.google.guava:guava-testlib", testlib),
        test_scope("com.google.truth:truth", truth),
        test_scope("junit:junit", "4.13.2"),
        *more,
    )


def _errorprone(version: str) -> tuple[Need, ...]:
    return (compile_("com.google.errorprone:error_prone_annotations", version),)


GSON = Expected(
    versions=("2.11.0", "2.13.2-rc1", "2.13.2", "2.14.0"),
    requires={
        "2.11.0": _errorprone("2.27.0"),
        "2.13.2-rc1": _errorprone("2.41.0"),
        "2.13.2": _errorprone("2.41.0"),
        "2.14.0": _errorprone("2.48.0"),
    },
    optional={
        "2.11.0": _gson("33.1.0-jre", "1.4.2"),
        "2.13.2-rc1": _gson(
            "33.4.8-jre", "1.4.4", test_scope("com.google.guava:guava", "33.4.8-jre")
        ),
        "2.13.2": _gson("33.4.8-jre", "1.4.4", test_scope("com.google.guava:guava", "33.4.8-jre")),
        "2.14.0": _gson("33.5.0-jre", "1.4.5", test_scope("com.google.guava:guava", "33.5.0-jre")),
    },
    marked={"2.13.2-rc1": {"prerelease": True}},
    vendor="google",
    repository_url="https://github.com/google/gson",
    facts=about("com.google.code.gson:gson", "Apache-2.0"),
)
GSON_LATER = replace(
    GSON,
    versions=(*GSON.versions, "2.15.0"),
    requires={**GSON.requires, "2.15.0": _errorprone("2.50.0")},
    optional={
        **GSON.optional,
        "2.15.0": _gson(
            "33.7.0-jre",
            "1.4.5",
            test_scope("com.google.guava:guava", "33.7.0-jre"),
            test_scope("com.google.testparameterinjector:test-parameter-injector", "1.22"),
        ),
    },
    facts={
        **GSON.facts,
        "import_names": [
            "com.google.gson",
            "com.google.gson.annotations",
            "com.google.gson.internal",
            "com.google.gson.internal.bind",
            "com.google.gson.internal.bind.util",
            "com.google.gson.internal.reflect",
            "com.google.gson.internal.sql",
            "com.google.gson.reflect",
            "com.google.gson.stream",
        ],
        "import_names_source": "gson-2.15.0.jar",
    },
)

FIRST_DAY: dict[str, Expected] = {
    "com.fasterxml.jackson.core:jackson-databind": DATABIND,
    "com.google.code.gson:gson": GSON,
    "com.google.guava:guava": GUAVA,
    "com.nimbusds:nimbus-jose-jwt": JOSE,
    "commons-collections:commons-collections": COLLECTIONS,
    "io.netty:netty-tcnative-boringssl-static": BORINGSSL,
    "org.apache.commons:commons-io": RELOCATED,
    "org.apache.httpcomponents:httpclient": HTTPCLIENT,
    "org.opentest4j:opentest4j": OPENTEST,
}

SECOND_DAY: dict[str, Expected] = {
    **FIRST_DAY,
    "com.google.code.gson:gson": GSON_LATER,
    "org.opentest4j:opentest4j": replace(
        OPENTEST, versions=("1.2.0", "1.3.0"), marked={"1.3.0": {"prerelease": False}}
    ),
}
