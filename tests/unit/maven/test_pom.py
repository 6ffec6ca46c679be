"""What a POM says, before anything is inherited or interpolated."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.maven.pom import Dependency, Gav, Pom, Profile, parse_pom

URL = "http://maven.test/x.pom"

WHOLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.test/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId> org.parent </groupId><artifactId>parent</artifactId><version>7</version>
    <relativePath>../pom.xml</relativePath>
  </parent>
  <artifactId>thing</artifactId>
  <version>1.0</version>
  <packaging>bundle</packaging>
  <name>Thing</name>
  <url>https://thing.test</url>
  <organization><name>Makers</name></organization>
  <prerequisites><maven>3.0</maven></prerequisites>
  <licenses>
    <license><name>Apache-2.0</name><url>https://licence.test</url></license>
    <license><name>MIT</name></license>
    <license><url>https://nameless.test</url></license>
  </licenses>
  <scm>
    <connection>scm:git:https://github.com/o/thing.git</connection>
    <url>https://github.com/o/thing</url>
  </scm>
  <properties>
    <lib.version>
      2.0
    </lib.version>
    <empty/>
  </properties>
  <dependencyManagement><dependencies><dependency>
    <groupId>org.bom</groupId><artifactId>bom</artifactId><version>1</version>
    <type>pom</type><scope>import</scope>
  </dependency></dependencies></dependencyManagement>
  <dependencies>
    <dependency>
      <groupId>org.lib</groupId>
      <artifactId>
        lib
      </artifactId>
      <version>${lib.version}</version>
      <exclusions>
        <exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion>
        <exclusion><groupId>a</groupId><artifactId>b</artifactId></exclusion>
      </exclusions>
    </dependency>
    <dependency>
      <groupId>org.lib</groupId><artifactId>lib</artifactId>
      <type>test-jar</type><classifier>tests</classifier>
      <scope>test</scope><optional>true</optional>
    </dependency>
  </dependencies>
  <distributionManagement><relocation>
    <groupId>new.group</groupId>
  </relocation></distributionManagement>
  <build><plugins><plugin><dependencies><dependency>
    <groupId>org.plugin</groupId><artifactId>only</artifactId><version>1</version>
  </dependency></dependencies></plugin></plugins></build>
  <somethingNew><dependencies><dependency/></dependencies></somethingNew>
</project>"""


def test_everything_is_kept_as_written():
    assert parse_pom(WHOLE, URL) == Pom(
        group="",
        artifact="thing",
        version="1.0",
        packaging="bundle",
        parent=Gav("org.parent", "parent", "7"),
        properties={"lib.version": "2.0", "empty": ""},
        managed=(Dependency("org.bom", "bom", "1", scope="import", type="pom"),),
        dependencies=(
            Dependency("org.lib", "lib", "${lib.version}", exclusions=(("*", "*"), ("a", "b"))),
            Dependency(
                "org.lib", "lib", type="test-jar", classifier="tests", scope="test", optional="true"
            ),
        ),
        profiles=(),
        licenses=("Apache-2.0", "MIT"),
        relocation=Gav("new.group", "", ""),
        facts={
            "name": "Thing",
            "url": "https://thing.test",
            "organization.name": "Makers",
            "prerequisites.maven": "3.0",
            "scm.connection": "scm:git:https://github.com/o/thing.git",
            "scm.url": "https://github.com/o/thing",
        },
    )


def test_a_pom_may_say_next_to_nothing():
    assert parse_pom(b"<project/>", URL) == Pom("", "", "")


def profile(activation: str, name: str) -> str:
    return (
        f"<profile><activation>{activation}</activation>"
        f"<properties><{name}>1</{name}></properties></profile>"
    )


def active(*profiles: str) -> list[str]:
    body = f"<project><profiles>{''.join(profiles)}</profiles></project>".encode()
    return [name for entry in parse_pom(body, URL).profiles for name in entry.properties]


DEFAULT = "<activeByDefault>true</activeByDefault>"


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (DEFAULT, True),
        ("<activeByDefault> TRUE </activeByDefault>", True),
        ("<activeByDefault>false</activeByDefault>", False),
        ("", False),
        ("<property><name>release</name></property>", False),
        ("<property><name>!skip</name></property>", True),
        ("<property><name>env</name><value>dev</value></property>", False),
        ("<property><name>mode</name><value>!dev</value></property>", True),
        ("<property><name>!mode</name><value>dev</value></property>", False),
        ("<property><name/></property>", False),
        ("<property><name>!java.vendor.x</name></property>", False),
        ("<property><name>!env.HOME</name></property>", False),
        ("<property><name>os.name</name><value>!Linux</value></property>", False),
        ("<jdk>[1.8,)</jdk>", False),
        ("<os><family>windows</family></os>", False),
        ("<file><missing>x</missing></file>", False),
        ("<jdk>1.8</jdk><property><name>!skip</name></property>", False),
    ],
)
def test_a_profile_counts_where_it_is_active_on_every_machine(activation, expected):
    assert active(profile(activation, "p")) == (["p"] if expected else [])


def test_a_profile_without_activation_does_not_count():
    assert active("<profile><properties><p>1</p></properties></profile>") == []


def test_active_by_default_holds_only_where_no_other_profile_is_active():
    other = profile("<property><name>!skip</name></property>", "other")
    assert active(profile(DEFAULT, "default"), other) == ["other"]
    assert active(profile(DEFAULT, "default"), profile("<jdk>1.8</jdk>", "x")) == ["default"]
    assert active(profile(DEFAULT, "one"), profile(DEFAULT, "two")) == ["one", "two"]


def test_a_profile_brings_properties_management_and_dependencies():
    body = b"""<project><profiles><profile>
      <activation><activeByDefault>true</activeByDefault></activation>
      <properties><a>1</a></properties>
      <dependencyManagement><dependencies><dependency>
        <groupId>g</groupId><artifactId>m</artifactId></dependency></dependencies></dependencyManagement>
      <dependencies><dependency><groupId>g</groupId><artifactId>d</artifactId></dependency></dependencies>
    </profile></profiles></project>"""
    assert parse_pom(body, URL).profiles == (
        Profile({"a": "1"}, (Dependency("g", "m"),), (Dependency("g", "d"),)),
    )


def test_an_error_page_is_refused():
    with pytest.raises(InvalidPayloadError):
        parse_pom(b"<html><head><title>Not Found</title></head></html>", URL)


TAGS = st.sampled_from(
    [
        "groupId",
        "version",
        "properties",
        "dependencies",
        "dependency",
        "parent",
        "profiles",
        "profile",
        "activation",
        "property",
        "name",
        "licenses",
        "license",
        "exclusions",
        "exclusion",
        "dependencyManagement",
        "scm",
    ]
)
TREES = st.recursive(
    st.tuples(TAGS, st.text(alphabet="a1.${}! ", max_size=6)).map(
        lambda e: f"<{e[0]}>{e[1]}</{e[0]}>"
    ),
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)).map(
        lambda e: f"<{e[0]}>{''.join(e[1])}</{e[0]}>"
    ),
    max_leaves=20,
)


@given(st.lists(TREES, max_size=5))
def test_elements_in_any_disorder_are_read_without_an_error(trees):
    parse_pom(f"<project>{''.join(trees)}</project>".encode(), URL)


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_but_the_documented_error(body):
    with contextlib.suppress(InvalidPayloadError):
        parse_pom(b"<project>" + body, URL)
