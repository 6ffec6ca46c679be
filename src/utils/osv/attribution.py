"""What all advisories of a package say of each of its versions.

One vulnerability has many ids (a GHSA, its CVE, a PYSEC). The connected components over `aliases`,
among the advisories that hit a version, are its vulnerabilities; each counts once, with the highest
score among its advisories. `upstream` and `related` connect nothing.
"""

import hashlib
import json
from collections.abc import Iterable
from math import fsum

from src.schemas.advisory import Advisory, AdvisoryKind, Attribution
from src.schemas.ecosystem import Ecosystem
from src.utils.osv.matching import PackageMatcher

NO_ADVISORY = "none"
"""The state of a package that no advisory names."""

RULES_VERSION = 1
"""Raised whenever the same advisories may come to another result."""

_DIGEST_LENGTH = 16


def attribute(
    advisories: Iterable[Advisory], ecosystem: Ecosystem, name: str, versions: Iterable[str]
) -> dict[str, Attribution]:
    """Return what the advisories say of each version, also of those that nothing hits."""
    unique = {advisory.id: advisory for advisory in advisories}
    matchers = [
        (advisory, PackageMatcher(advisory, ecosystem, name))
        for _, advisory in sorted(unique.items())
    ]
    known: dict[tuple[str, ...], Attribution] = {(): Attribution()}
    attributed = {}
    for version in versions:
        hits = [advisory for advisory, matcher in matchers if matcher.match(version) is not None]
        ids = tuple(advisory.id for advisory in hits)
        if ids not in known:
            known[ids] = _attribution(hits)
        attributed[version] = known[ids]
    return attributed


def state_of(advisories: Iterable[Advisory]) -> str:
    """Return a short digest that tells this set of advisories from any other, by id and `modified`.

    Withdrawn ones are no part of it: without any other, the state is "none". The rules of matching
    are part of it, so that versions attributed by older rules count as stale.
    """
    state = sorted({(a.id, a.modified) for a in advisories if not a.withdrawn})
    if not state:
        return NO_ADVISORY
    told = json.dumps([RULES_VERSION, state])
    return hashlib.sha256(told.encode()).hexdigest()[:_DIGEST_LENGTH]


def scores_of(hits: Iterable[Advisory]) -> list[float]:
    """Return the scores that count among the advisories that hit one version, lowest first.

    Malware stays out with all its aliases. An informational advisory lends no score, but its aliases
    keep theirs: a CVE about an unsound crate is rated as what it is.
    """
    scores = []
    for component in _components(hits):
        if any(advisory.kind is AdvisoryKind.MALWARE for advisory in component):
            continue
        rated = [
            advisory.score
            for advisory in component
            if advisory.score is not None and advisory.kind is AdvisoryKind.VULNERABILITY
        ]
        if rated:
            scores.append(max(rated))
    return sorted(scores)


def _attribution(hits: list[Advisory]) -> Attribution:
    scores = scores_of(hits)
    total = fsum(scores)
    return Attribution(
        vulnerabilities=tuple(sorted(advisory.id for advisory in hits)),
        mean=round(total / len(scores), 2) if scores else 0.0,
        weighted_mean=round(fsum(s * s for s in scores) / total, 2) if total else 0.0,
    )


def _components(hits: Iterable[Advisory]) -> list[list[Advisory]]:
    # Each step joins an advisory with all components that share a name with it.
    components: list[tuple[set[str], list[Advisory]]] = []
    for advisory in hits:
        names = {advisory.id, *advisory.aliases}
        members = [advisory]
        apart = []
        for component in components:
            if names.isdisjoint(component[0]):
                apart.append(component)
            else:
                names |= component[0]
                members += component[1]
        components = [*apart, (names, members)]
    return [members for _, members in components]
