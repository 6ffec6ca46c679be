"""Which profiles of a POM count for whoever depends on its artifact.

Maven activates profiles in the POMs of dependencies too, by the machine that builds. A graph has no
machine, so only what is the same on all of them counts (introduction to profiles, "Profiles in
POMs"; DefaultProfileSelector, DefaultProfileActivationContext):

- a profile that asks for a property is tried as if nobody had set one: `!name` is active. Properties
  that Java or Maven always set (`java.…`, `os.…`, `env.…` and the like) are not told here;
- a profile that asks for a JDK, an operating system or a file is not active;
- `activeByDefault` counts where no other profile of the same POM is active.
"""

from xml.etree.ElementTree import Element

from src.utils.maven.xml import text_of

_OF_THE_MACHINE = (
    "java",
    "os",
    "env",
    "user",
    "file",
    "path",
    "line",
    "sun",
    "maven",
    "awt",
    "jdk",
)
_CONDITIONS = ("jdk", "os", "file", "property")


def is_active(profile: Element) -> bool:
    """Tell whether the conditions of a profile hold on every machine: all have to."""
    activation = profile.find("activation")
    if activation is None:
        return False
    asked = [name for name in _CONDITIONS if activation.find(name) is not None]
    return asked == ["property"] and _holds_without_properties(
        text_of(activation, "property/name"), text_of(activation, "property/value")
    )


def is_active_by_default(profile: Element) -> bool:
    """Tell whether a profile is active as long as no other one is."""
    return text_of(profile, "activation/activeByDefault").lower() == "true"


def _holds_without_properties(name: str, value: str) -> bool:
    # PropertyProfileActivator: a `!` before the name asks that it is not set, before a value that
    # it is set to another one or not at all; with a value, a `!` before the name says nothing.
    bare = name.removeprefix("!")
    if not bare or bare.partition(".")[0] in _OF_THE_MACHINE:
        return False
    return value.startswith("!") if value else name.startswith("!")
