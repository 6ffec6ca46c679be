"""One POM as it is written: nothing inherited, nothing interpolated.

Source: the POM reference and Maven's model 4.0.0 (maven.mdo). Every text is trimmed, as Maven's
reader does it, and "" where an element is missing or empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from src.utils.maven.coordinates import Gav
from src.utils.maven.profiles import is_active, is_active_by_default
from src.utils.maven.xml import read_xml, text_of

__all__ = ["Dependency", "Gav", "Pom", "Profile", "parse_pom"]


@dataclass(frozen=True, slots=True)
class Dependency:
    """An entry of `dependencies` or `dependencyManagement`. `exclusions` are (group, artifact)."""

    group: str
    artifact: str
    version: str = ""
    scope: str = ""
    type: str = ""
    classifier: str = ""
    optional: str = ""
    exclusions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile adds that decides about requirements."""

    properties: Mapping[str, str] = field(default_factory=dict)
    managed: tuple[Dependency, ...] = ()
    dependencies: tuple[Dependency, ...] = ()


@dataclass(frozen=True, slots=True)
class Pom:
    """One POM file. `group` and `version` are "" where it takes them from its parent.

    `profiles` are those that are active for whoever depends on the artifact (profiles.py), in their
    order. `relocation` is where the artifact moved to, with "" for what stayed the same; `facts`
    holds the remaining values that expressions name, such as "scm.url", "url",
    "organization.name" or "prerequisites.maven".
    """

    group: str
    artifact: str
    version: str
    packaging: str = ""
    parent: Gav | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    managed: tuple[Dependency, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    profiles: tuple[Profile, ...] = ()
    licenses: tuple[str, ...] = ()
    relocation: Gav | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


_FACTS = (
    "name",
    "url",
    "inceptionYear",
    "scm/url",
    "scm/connection",
    "scm/developerConnection",
    "organization/name",
    "organization/url",
    "prerequisites/maven",
)


def parse_pom(body: bytes, url: str) -> Pom:
    """Return what a POM file says.

    Raises InvalidPayloadError where the body is no POM: an error page, XML that is cut or unsafe.
    """
    root = read_xml(body, url, "project")
    relocation = root.find("distributionManagement/relocation")
    facts = {path.replace("/", "."): text_of(root, path) for path in _FACTS}
    return Pom(
        group=text_of(root, "groupId"),
        artifact=text_of(root, "artifactId"),
        version=text_of(root, "version"),
        packaging=text_of(root, "packaging"),
        parent=_gav(root.find("parent")),
        properties=_properties(root),
        managed=_dependencies(root.iterfind("dependencyManagement/dependencies/dependency")),
        dependencies=_dependencies(root.iterfind("dependencies/dependency")),
        profiles=tuple(_active_profiles(root)),
        licenses=tuple(
            filter(None, (text_of(e, "name") for e in root.iterfind("licenses/license")))
        ),
        relocation=_gav(relocation),
        facts={name: text for name, text in facts.items() if text},
    )


def _gav(element: Element | None) -> Gav | None:
    if element is None:
        return None
    return Gav(*(text_of(element, path) for path in ("groupId", "artifactId", "version")))


def _properties(parent: Element) -> dict[str, str]:
    return {
        entry.tag: (entry.text or "").strip()
        for properties in parent.iterfind("properties")
        for entry in properties
    }


def _dependencies(elements: Iterable[Element]) -> tuple[Dependency, ...]:
    return tuple(
        Dependency(
            group=text_of(element, "groupId"),
            artifact=text_of(element, "artifactId"),
            version=text_of(element, "version"),
            scope=text_of(element, "scope"),
            type=text_of(element, "type"),
            classifier=text_of(element, "classifier"),
            optional=text_of(element, "optional"),
            exclusions=tuple(
                (text_of(entry, "groupId"), text_of(entry, "artifactId"))
                for entry in element.iterfind("exclusions/exclusion")
            ),
        )
        for element in elements
    )


def _active_profiles(root: Element) -> Iterable[Profile]:
    profiles = root.findall("profiles/profile")
    active = [entry for entry in profiles if is_active(entry)]
    for entry in active or filter(is_active_by_default, profiles):
        yield Profile(
            properties=_properties(entry),
            managed=_dependencies(entry.iterfind("dependencyManagement/dependencies/dependency")),
            dependencies=_dependencies(entry.iterfind("dependencies/dependency")),
        )
