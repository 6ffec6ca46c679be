"""Effective models: parents, properties, management, BOMs. Expected results by Maven 3.9's rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.package import Requirement
from src.utils.maven.effective import (
    EffectivePom,
    Gav,
    effective_requirements,
    needed_poms,
)
from src.utils.maven.pom import Pom, parse_pom

Registry = dict[Gav, bytes]


def gav(text: str) -> Gav:
    return Gav(*text.split(":"))


def element(name: str, values: dict[str, str]) -> str:
    return f"<{name}>" + "".join(f"<{k}>{v}</{k}>" for k, v in values.items()) + f"</{name}>"


def dependency(text: str, **more: str) -> str:
    """`group:artifact[:version]`, the rest by name."""
    values = dict(zip(("groupId", "artifactId", "version"), text.split(":"), strict=False))
    return element("dependency", {**values, **more})


def bom(text: str) -> str:
    return dependency(text, type="pom", scope="import")


def pom(
    name: str = "",
    *,
    parent: str = "",
    properties: dict[str, str] | None = None,
    managed: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    more: str = "",
) -> bytes:
    values = dict(zip(("groupId", "artifactId", "version"), name.split(":"), strict=False))
    head = "".join(f"<{k}>{v}</{k}>" for k, v in values.items() if v)
    if parent:
        head += element(
            "parent",
            dict(zip(("groupId", "artifactId", "version"), parent.split(":"), strict=True)),
        )
    return (
        f"<project>{head}{element('properties', properties or {})}"
        f"<dependencyManagement><dependencies>{''.join(managed)}</dependencies></dependencyManagement>"
        f"<dependencies>{''.join(needs)}</dependencies>{more}</project>"
    ).encode()


def resolve(start: str, registry: dict[str, bytes]) -> EffectivePom:
    """Fetch as a client does: what is needed, until nothing is."""
    loaded: dict[Gav, Pom | None] = {}
    while needed := needed_poms(gav(start), loaded):
        assert not needed & loaded.keys()
        for each in needed:
            body = registry.get(str(each))
            loaded[each] = None if body is None else parse_pom(body, str(each))
    return effective_requirements(gav(start), loaded, "pom")


def required(model: EffectivePom) -> list[str]:
    return [short(need) for need in model.requirements.required]


def optional(model: EffectivePom) -> list[str]:
    return [short(need) for need in model.requirements.optional]


def short(need: Requirement) -> str:
    parts = (need.name, need.constraints, need.kind, need.variant)
    return " ".join(part for part in parts if part)


ONE = "g:one:1"


def test_scopes_and_optional_decide_about_the_place():
    model = resolve(
        ONE,
        {
            ONE: pom(
                ONE,
                needs=(
                    dependency("g:plain:1"),
                    dependency("g:compile:1", scope="compile"),
                    dependency("g:runtime:1", scope="runtime"),
                    dependency("g:test:1", scope="test"),
                    dependency("g:provided:1", scope="provided"),
                    dependency("g:system:1", scope="system", systemPath="/x"),
                    dependency("g:maybe:1", optional="true"),
                    dependency("g:shout:1", optional="TRUE", scope="runtime"),
                    dependency("g:not:1", optional="false"),
                ),
            )
        },
    )
    assert required(model) == [
        "g:compile 1 compile",
        "g:not 1 compile",
        "g:plain 1 compile",
        "g:runtime 1 runtime",
    ]
    assert optional(model) == [
        "g:maybe 1 compile",
        "g:provided 1 provided",
        "g:shout 1 runtime",
        "g:system 1 system",
        "g:test 1 test",
    ]
    assert model.requirements.source == "pom"
    assert model.requirements.development == ()
    assert model.requirements.required[0].purl == "pkg:maven/g/compile"
    assert model.counts == {}


def test_an_unknown_scope_is_taken_for_runtime_and_counted():
    needs = (dependency("g:a:1", scope="${nowhere}"), dependency("g:b:1", scope="compile+runtime"))
    model = resolve(ONE, {ONE: pom(ONE, needs=needs)})
    assert required(model) == ["g:a 1 runtime", "g:b 1 runtime"]
    assert model.counts == {"unknown_scopes": 2}


def test_type_and_classifier_make_the_variant():
    needs = (
        dependency("g:a:1"),
        dependency("g:a:2", type="test-jar"),
        dependency("g:a:3", classifier="sources"),
        dependency("g:a:4", type="zip", classifier="dist"),
        dependency("g:b:1", type="jar"),
        dependency("g:c:1", type="pom"),
    )
    assert required(resolve(ONE, {ONE: pom(ONE, needs=needs)})) == [
        "g:a 1 compile",
        "g:a 2 compile test-jar",
        "g:a 3 compile jar:sources",
        "g:a 4 compile zip:dist",
        "g:b 1 compile",
        "g:c 1 compile pom",
    ]


def test_of_equal_declarations_the_last_counts():
    needs = (dependency("g:a:1", scope="test"), dependency("g:b:1"), dependency("g:a:2"))
    model = resolve(ONE, {ONE: pom(ONE, needs=needs)})
    assert required(model) == ["g:a 2 compile", "g:b 1 compile"]
    assert optional(model) == []


def test_of_declarations_that_turn_out_equal_the_first_counts_in_each_place():
    group = "${project.groupId}"
    needs = (
        dependency("g:a:1", optional="true"),
        dependency(f"{group}:a"),
        dependency("g:b:1"),
        dependency(f"{group}:b:2"),
        dependency("g:${pom.artifactId}:3", scope="test"),
        dependency("g:one:4", scope="test"),
    )
    model = resolve(ONE, {ONE: pom(ONE, managed=(dependency("g:a:9"),), needs=needs)})
    assert required(model) == ["g:a 9 compile", "g:b 1 compile"]
    assert optional(model) == ["g:a 1 compile", "g:one 3 test"]


def test_ranges_and_missing_versions_stay_as_published():
    needs = (dependency("g:a:[1.0,2.0)"), dependency("g:b:RELEASE"), dependency("g:c"))
    model = resolve(ONE, {ONE: pom(ONE, needs=needs)})
    assert required(model) == ["g:a [1.0,2.0) compile", "g:b RELEASE compile", "g:c any compile"]
    assert model.counts == {"versionless_requirements": 1}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${project.version}", "1"),
        ("${pom.version}", "1"),
        ("${version}", "1"),
        ("${project.groupId}", "g"),
        ("${project.artifactId}", "one"),
        ("${project.packaging}", "jar"),
        ("${project.parent.version}", "7"),
        ("${parent.groupId}", "p"),
        ("${project.prerequisites.maven}", "3.0"),
        ("${direct}", "5"),
        ("${through}", "v5-1"),
        ("[${direct},${project.version}]", "[5,1]"),
        ("${inherited}", "6"),
        ("${overridden}", "child"),
        ("${ofChild}", "child"),
        ("${direct}${direct}", "55"),
        ("${nowhere}", "${nowhere}"),
        ("${env.HOME}", "${env.HOME}"),
        ("${java.version}", "${java.version}"),
        ("${half}", "${nowhere}-5"),
        ("${self}", "${self}"),
        ("${ping}", "${ping}"),
        ("${", "${"),
        ("${}", "${}"),
        ("${a${direct}", "${a${direct}"),
        ("$direct", "$direct"),
    ],
)
def test_expressions_are_replaced_by_what_the_model_tells(expression, expected):
    properties = {
        "direct": "5",
        "through": "v${direct}-${project.version}",
        "overridden": "child",
        "half": "${nowhere}-${direct}",
        "self": "${self}",
        "ping": "${pong}",
        "pong": "${ping}",
        "project.artifactId": "never",
    }
    parent = pom(
        "p:parent:7",
        properties={"inherited": "6", "overridden": "parent", "ofChild": "${overridden}"},
    )
    child = pom(
        ONE,
        parent="p:parent:7",
        properties=properties,
        needs=(dependency("x:y", version=expression),),
        more="<prerequisites><maven>3.0</maven></prerequisites>",
    )
    model = resolve(ONE, {ONE: child, "p:parent:7": parent})
    assert [need.constraints for need in model.requirements.required] == [expected]
    assert model.counts.get("unresolved_versions", 0) == ("${" in expected)
    assert ("recursive_properties" in model.counts) == (expression in {"${self}", "${ping}"})


def test_properties_that_double_with_each_step_end_as_text():
    properties = {f"p{n}": f"${{p{n + 1}}}" * 2 for n in range(60)} | {"p60": "ha"}
    model = resolve(ONE, {ONE: pom(ONE, properties=properties, needs=(dependency("x:y:${p0}"),))})
    (need,) = model.requirements.required
    assert len(need.constraints) <= 2048
    assert model.counts["unresolved_versions"] == 1


def test_parents_hand_down_coordinates_properties_dependencies_and_management():
    registry = {
        ONE: pom(
            ":one:", parent="g:parent:1", needs=(dependency("x:managed"), dependency("x:own:1"))
        ),
        "g:parent:1": pom(
            ":parent",
            parent="g:grand:1",
            properties={"v": "parent"},
            needs=(dependency("x:fromparent:1", scope="test"), dependency("x:own:0", scope="test")),
        ),
        "g:grand:1": pom(
            "g:grand:1",
            properties={"v": "grand"},
            managed=(dependency("x:managed:${v}-${project.artifactId}", scope="runtime"),),
        ),
    }
    model = resolve(ONE, registry)
    assert (model.group, model.artifact, model.version, model.packaging) == ("g", "one", "1", "jar")
    assert required(model) == ["x:managed parent-one runtime", "x:own 1 compile"]
    assert optional(model) == ["x:fromparent 1 test"]


def test_management_adds_version_scope_and_exclusions_but_not_optional():
    exclusions = "<exclusion><groupId>e</groupId><artifactId>e</artifactId></exclusion>"
    managed = (
        dependency("x:a:9", scope="test", exclusions=exclusions),
        dependency("x:b:9", optional="true"),
        dependency("x:c:9", type="test-jar"),
        dependency("x:d:9", classifier="tests"),
        dependency("x:e:9", scope="runtime"),
        dependency("x:f:9"),
        dependency("x:unused:9"),
    )
    needs = (
        dependency("x:a"),
        dependency("x:b"),
        dependency("x:c"),
        dependency("x:d", classifier="tests"),
        dependency("x:e:1", scope="compile"),
        dependency("x:f", type="jar"),
    )
    model = resolve(ONE, {ONE: pom(ONE, managed=managed, needs=needs)})
    assert optional(model) == ["x:a 9 test"]
    assert required(model) == [
        "x:b 9 compile",
        "x:c any compile",
        "x:d 9 compile jar:tests",
        "x:e 1 compile",
        "x:f 9 compile",
    ]
    assert model.exclusions == ("e:e<-x:a",)


def test_of_managed_entries_the_childs_counts_and_of_equal_ones_the_first():
    registry = {
        ONE: pom(
            ONE,
            parent="g:parent:1",
            managed=(dependency("x:a:child"),),
            needs=(dependency("x:a"), dependency("x:b")),
        ),
        "g:parent:1": pom(
            "g:parent:1",
            managed=(
                dependency("x:a:parent", scope="test"),
                dependency("x:b:1"),
                dependency("x:b:2"),
            ),
        ),
    }
    assert required(resolve(ONE, registry)) == ["x:a child compile", "x:b 1 compile"]


def test_boms_are_imported_after_everything_of_ones_own_the_first_before_the_second():
    registry = {
        ONE: pom(
            ONE,
            parent="g:parent:1",
            properties={"second": "2"},
            managed=(bom("b:first:1"), bom("b:second:${second}"), dependency("x:own:own")),
            needs=tuple(
                dependency(f"x:{name}") for name in ("own", "above", "both", "only", "deep")
            ),
        ),
        "g:parent:1": pom("g:parent:1", managed=(dependency("x:above:parent"),)),
        "b:first:1": pom(
            "b:first:1",
            properties={"v": "first"},
            managed=(
                dependency("x:own:${v}"),
                dependency("x:above:${v}"),
                dependency("x:both:${v}"),
            ),
        ),
        "b:second:2": pom(
            "b:second:2",
            parent="b:parent:3",
            managed=(dependency("x:both:second"), dependency("x:only:${v}"), bom("b:third:1")),
        ),
        "b:parent:3": pom("b:parent:3", properties={"v": "from the parent"}),
        "b:third:1": pom("b:third:1", managed=(dependency("x:deep:third"), dependency("x:both:0"))),
    }
    model = resolve(ONE, registry)
    assert required(model) == [
        "x:above parent compile",
        "x:both first compile",
        "x:deep third compile",
        "x:only from the parent compile",
        "x:own own compile",
    ]
    assert model.requirements.optional == model.requirements.unresolved == ()
    assert model.counts == {}


def test_a_childs_bom_replaces_the_same_bom_of_its_parent():
    registry = {
        ONE: pom(ONE, parent="g:parent:1", managed=(bom("b:bom:2"),), needs=(dependency("x:a"),)),
        "g:parent:1": pom("g:parent:1", managed=(bom("b:bom:1"),)),
        "b:bom:1": pom("b:bom:1", managed=(dependency("x:a:1"),)),
        "b:bom:2": pom("b:bom:2", managed=(dependency("x:a:2"),)),
    }
    loaded: dict[Gav, Pom | None] = {gav(ONE): parse_pom(registry[ONE], ONE)}
    assert needed_poms(gav(ONE), loaded) == {gav("g:parent:1")}
    loaded[gav("g:parent:1")] = parse_pom(registry["g:parent:1"], "")
    assert needed_poms(gav(ONE), loaded) == {gav("b:bom:2")}
    assert required(resolve(ONE, registry)) == ["x:a 2 compile"]


def test_profiles_of_a_pom_win_over_what_it_says_itself_and_are_its_own():
    profiles = """<profiles><profile><activation><activeByDefault>true</activeByDefault></activation>
    <properties><v>profile</v></properties>
    <dependencies><dependency><groupId>x</groupId><artifactId>p</artifactId><version>${v}</version>
    </dependency></dependencies></profile></profiles>"""
    registry = {
        ONE: pom(ONE, parent="g:parent:1", needs=(dependency("x:a:${v}"), dependency("x:p:0"))),
        "g:parent:1": pom("g:parent:1", properties={"v": "plain"}, more=profiles),
    }
    assert required(resolve(ONE, registry)) == ["x:a profile compile", "x:p 0 compile"]


def test_what_a_missing_parent_or_bom_would_tell_is_left_open():
    needs = (dependency("x:a:${v}"), dependency("x:b"), dependency("x:c:1"))
    registry = {ONE: pom(ONE, parent="g:gone:1", managed=(bom("b:gone:1"),), needs=needs)}
    model = resolve(ONE, registry)
    assert required(model) == ["x:a ${v} compile", "x:b any compile", "x:c 1 compile"]
    assert model.counts == {
        "missing_poms": 2,
        "unresolved_versions": 1,
        "versionless_requirements": 1,
    }


@pytest.mark.parametrize(
    "reference",
    [
        "g:parent:[1,2)",
        "g:parent:(,2]",
        "g:parent:${nowhere}",
        "g:../x:1",
        "g::1",
        "g:p:a/b",
        "g:p:..",
    ],
)
def test_a_parent_or_bom_that_names_no_one_file_is_counted_and_not_asked_for(reference):
    one = gav(ONE)
    for body in (
        pom(ONE, parent=reference, needs=(dependency("x:a:1"),)),
        pom(ONE, managed=(bom(reference),), needs=(dependency("x:a:1"),)),
    ):
        loaded: dict[Gav, Pom | None] = {one: parse_pom(body, "")}
        assert needed_poms(one, loaded) == frozenset()
        model = effective_requirements(one, loaded, "pom")
        assert required(model) == ["x:a 1 compile"]
        assert model.counts == {"unresolved_poms": 1}


def test_a_parents_version_may_be_a_property_of_the_child_or_its_own():
    for version in ("${revision}", "${project.version}", "1"):
        registry = {
            ONE: pom(
                ":one:",
                parent=f"g:parent:{version}",
                properties={"revision": "1"},
                needs=(dependency("x:a"),),
            ),
            "g:parent:1": pom("g:parent:1", managed=(dependency("x:a:5"),)),
        }
        model = resolve(ONE, registry)
        assert required(model) == ["x:a 5 compile"]
        assert model.version == "1"


def test_coordinates_that_the_pom_does_not_tell_are_those_it_was_asked_by():
    model = resolve(
        ONE, {ONE: pom("", needs=(dependency("${project.groupId}:x:${project.version}"),))}
    )
    assert (model.group, model.artifact, model.version) == ("g", "one", "1")
    assert required(model) == ["g:x 1 compile"]


def test_parents_and_boms_that_lead_back_to_themselves_end():
    registry = {
        ONE: pom(ONE, parent="g:two:1", managed=(bom("b:a:1"),), needs=(dependency("x:a"),)),
        "g:two:1": pom("g:two:1", parent=ONE),
        "b:a:1": pom("b:a:1", managed=(bom("b:b:1"),)),
        "b:b:1": pom("b:b:1", managed=(bom("b:a:1"), bom(ONE), dependency("x:a:3"))),
    }
    model = resolve(ONE, registry)
    assert required(model) == ["x:a 3 compile"]
    assert model.counts["pom_cycles"] == 3


def test_endless_chains_of_parents_and_boms_are_cut():
    chain = {f"g:p{n}:1": pom(f"g:p{n}:1", parent=f"g:p{n + 1}:1") for n in range(200)}
    model = resolve("g:p0:1", chain)
    assert model.counts["pom_cycles"] == 1
    boms = {f"b:b{n}:1": pom(f"b:b{n}:1", managed=(bom(f"b:b{n + 1}:1"),)) for n in range(200)}
    assert resolve("b:b0:1", boms).counts["pom_cycles"] == 1


def test_boms_that_share_boms_are_read_once():
    registry = {
        f"b:b{n}:1": pom(
            f"b:b{n}:1", managed=tuple(bom(f"b:b{other}:1") for other in range(n + 1, 25))
        )
        for n in range(25)
    }
    registry["b:b24:1"] = pom("b:b24:1", managed=(dependency("x:a:1"),))
    registry["b:b0:1"] = pom("b:b0:1", managed=(bom("b:b1:1"),), needs=(dependency("x:a"),))
    assert required(resolve("b:b0:1", registry)) == ["x:a 1 compile"]


@pytest.mark.parametrize(
    "broken",
    [
        "${nowhere}:a:1",
        "g:${nowhere}:1",
        "g:a b:1",
        "g:a/b:1",
        "g:..:1",
        "a..b:c:1",
        "g::1",
        ":a:1",
    ],
)
def test_a_dependency_that_names_no_package_is_kept_as_text(broken):
    model = resolve(ONE, {ONE: pom(ONE, needs=(dependency(broken), dependency("x:y:1")))})
    assert required(model) == ["x:y 1 compile"]
    assert model.requirements.unresolved == (
        Requirement(name="", purl="", constraints=broken, kind="invalid"),
    )
    assert model.counts == {"invalid_requirements": 1}


def test_facts_are_inherited_where_the_pom_does_not_tell_them():
    registry = {
        ONE: pom(
            ONE,
            parent="g:parent:1",
            properties={"project.path": "one"},
            more="<scm><connection>scm:git:own</connection></scm><packaging>maven-plugin</packaging>",
        ),
        "g:parent:1": pom(
            "g:parent:1",
            more="<licenses><license><name>MIT</name></license></licenses><name>Parent</name>"
            "<url>https://parent.test</url><organization><name>Makers</name></organization>"
            "<scm><url>https://github.com/o/${project.path}</url><connection>scm:git:theirs</connection>"
            "<developerConnection>scm:git:dev</developerConnection></scm><packaging>pom</packaging>"
            "<distributionManagement><relocation><groupId>n</groupId></relocation>"
            "</distributionManagement>",
        ),
    }
    model = resolve(ONE, registry)
    assert model.licenses == ("MIT",)
    assert (model.url, model.organization) == ("https://parent.test", "Makers")
    assert model.scm_url == "https://github.com/o/one"
    assert (model.scm_connection, model.scm_developer_connection) == ("scm:git:own", "scm:git:dev")
    assert model.packaging == "maven-plugin"
    assert model.relocation is None
    assert resolve("g:parent:1", registry).relocation == Gav("n", "parent", "1")


def test_the_pom_itself_has_to_be_loaded():
    with pytest.raises(KeyError):
        effective_requirements(gav(ONE), {}, "pom")
    with pytest.raises(KeyError):
        effective_requirements(gav(ONE), {gav(ONE): None}, "pom")


NAMES = [f"g:a{n}:1" for n in range(4)]
VALUES = st.sampled_from(["1", "${a}", "${b}", "${a}${b}", "[1,2)", "${project.version}", "${", ""])
POMS = st.builds(
    pom,
    st.sampled_from([*NAMES, ":x:", ""]),
    parent=st.sampled_from([*NAMES, "", "g:gone:1", "g:a0:${a}"]),
    properties=st.dictionaries(st.sampled_from(["a", "b", "version"]), VALUES),
    managed=st.lists(
        st.one_of(
            st.sampled_from(NAMES).map(bom),
            VALUES.map(lambda v: dependency(f"x:{v or 'y'}:{v}")),
        ),
        max_size=4,
    ).map(tuple),
    needs=st.lists(VALUES.map(lambda v: dependency(f"x:y:{v}", scope=v)), max_size=3).map(tuple),
)


@given(st.dictionaries(st.sampled_from(NAMES), POMS))
def test_any_tangle_of_poms_ends_with_a_model(registry):
    registry.setdefault(NAMES[0], pom(NAMES[0]))
    model = resolve(NAMES[0], registry)
    assert model.requirements == resolve(NAMES[0], registry).requirements
