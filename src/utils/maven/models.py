"""Builds models out of POMs that refer to each other: parents and imported BOMs.

Source: Maven 3.9, DefaultModelBuilder (order of the steps), DefaultDependencyManagementImporter.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from src.utils.maven.coordinates import Gav, is_range, may_be_fetched
from src.utils.maven.inheritance import Model, assemble, management_key, model_of
from src.utils.maven.interpolation import Interpolator
from src.utils.maven.pom import Dependency, Pom

MAX_PARENTS = 100
MAX_IMPORTS = 30
"""How deep BOMs may import BOMs."""


class ModelBuilder:
    """Builds effective models, and notes in `needed` which POMs it lacks.

    `counts`: `missing_poms` (the registry has no such parent or BOM), `unresolved_poms` (the reference
    is a version range, an expression, or no coordinates), `pom_cycles` (parents or BOMs that lead
    back, or too deep), `recursive_properties`.
    """

    def __init__(self, loaded: Mapping[Gav, Pom | None]) -> None:
        """`loaded` holds None for a POM that the registry lacks."""
        self._loaded = loaded
        self._managed: dict[Gav, tuple[Dependency, ...]] = {}
        self.needed: set[Gav] = set()
        self.counts: Counter[str] = Counter()

    def build(self, gav: Gav, importing: tuple[Gav, ...] = ()) -> Model | None:
        """Return the model with BOMs imported, None where its own POM is not there.

        Imports are left out while a parent is still needed: their versions may be its properties.
        """
        lineage = list(self._lineage(gav))
        if not lineage:
            return None
        model = self._interpolate(assemble(lineage), gav)
        if self.needed:
            return model
        return replace(model, managed=self._with_imports(model, (*importing, gav)))

    def _lineage(self, gav: Gav) -> Iterator[Pom]:
        seen = {gav}
        pom = self._find(gav)
        while pom is not None:
            yield pom
            if pom.parent is None:
                return
            gav = _parent_of(pom, gav)
            if gav in seen or len(seen) >= MAX_PARENTS:
                self.counts["pom_cycles"] += 1
                return
            seen.add(gav)
            pom = self._find(gav)

    def _find(self, gav: Gav) -> Pom | None:
        if gav not in self._loaded:
            if may_be_fetched(gav):
                self.needed.add(gav)
            else:
                self.counts["unresolved_poms"] += 1
            return None
        pom = self._loaded[gav]
        self.counts["missing_poms"] += pom is None
        return pom

    def _interpolate(self, model: Model, gav: Gav) -> Model:
        model = _named(model, gav)
        interpolator = Interpolator(model.properties, _values(model))
        resolve = interpolator.text
        relocation = model.relocation and Gav(
            resolve(model.relocation.group) or model.group,
            resolve(model.relocation.artifact) or model.artifact,
            resolve(model.relocation.version) or model.version,
        )
        resolved = replace(
            model,
            managed=tuple(_resolved(entry, interpolator) for entry in model.managed),
            dependencies=tuple(_resolved(entry, interpolator) for entry in model.dependencies),
            packaging=resolve(model.packaging),
            licenses=tuple(map(resolve, model.licenses)),
            relocation=relocation,
            facts={name: resolve(text) for name, text in model.facts.items()},
        )
        self.counts.update(interpolator.counts)
        return resolved

    def _with_imports(self, model: Model, importing: tuple[Gav, ...]) -> tuple[Dependency, ...]:
        boms = [entry for entry in model.managed if _is_import(entry)]
        if not boms:
            return model.managed
        own = (entry for entry in model.managed if not _is_import(entry))
        managed = {management_key(entry): entry for entry in own}
        for bom in boms:
            for entry in self._import(Gav(bom.group, bom.artifact, bom.version), importing):
                managed.setdefault(management_key(entry), entry)
        return tuple(managed.values())

    def _import(self, bom: Gav, importing: tuple[Gav, ...]) -> tuple[Dependency, ...]:
        if bom in importing or len(importing) > MAX_IMPORTS:
            self.counts["pom_cycles"] += 1
            return ()
        if bom not in self._managed:
            # What is needed for one BOM does not keep the next from being looked at.
            needed, self.needed = self.needed, set()
            model = self.build(bom, importing)
            self._managed[bom] = model.managed if model else ()
            self.needed |= needed
        return self._managed[bom]


def _parent_of(pom: Pom, gav: Gav) -> Gav:
    # Only what the POM itself tells can name its parent; for its own version it may trust the
    # address that it was found at.
    parent = pom.parent or gav
    own = {"groupId": gav.group, "artifactId": gav.artifact, "version": gav.version}
    resolve = Interpolator(model_of(pom).properties, own).text
    return Gav(resolve(parent.group), resolve(parent.artifact), resolve(parent.version))


def _named(model: Model, gav: Gav) -> Model:
    # A POM that leaves its coordinates out, or whose parent would have to tell them, has those of
    # the address that it was found at.
    raw = {"groupId": model.group, "artifactId": model.artifact, "version": model.version}
    resolve = Interpolator(model.properties, raw).text
    group, artifact, version = (resolve(text) for text in raw.values())
    return replace(
        model,
        group=gav.group if not group or "${" in group else group,
        artifact=gav.artifact if not artifact or "${" in artifact else artifact,
        version=gav.version if not version or "${" in version or is_range(version) else version,
    )


def _values(model: Model) -> dict[str, str]:
    values = {
        **model.facts,
        "groupId": model.group,
        "artifactId": model.artifact,
        "version": model.version,
        "packaging": model.packaging or "jar",
    }
    if model.parent is not None:
        values["parent.groupId"] = model.parent.group
        values["parent.artifactId"] = model.parent.artifact
        values["parent.version"] = model.parent.version
    return values


def _resolved(entry: Dependency, interpolator: Interpolator) -> Dependency:
    resolve = interpolator.text
    return Dependency(
        group=resolve(entry.group),
        artifact=resolve(entry.artifact),
        version=resolve(entry.version),
        scope=resolve(entry.scope),
        type=resolve(entry.type),
        classifier=resolve(entry.classifier),
        optional=resolve(entry.optional),
        exclusions=tuple((resolve(group), resolve(name)) for group, name in entry.exclusions),
    )


def _is_import(entry: Dependency) -> bool:
    return entry.scope == "import" and entry.type == "pom"
