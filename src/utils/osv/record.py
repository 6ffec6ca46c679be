"""Records of the OSV database: what matching needs of them, and the form in which they are stored.

Source: OSV schema 1.7. What cannot be read is counted in `Advisory.problems`; only a document
without id or date of change is no record.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from src.schemas.advisory import Advisory, AdvisoryKind, Affected, package_key
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError, InvalidPayloadError
from src.utils.keys import admit_key
from src.utils.osv.fields import Problems, mapping, mappings, text, texts
from src.utils.osv.packages import read_package
from src.utils.osv.ranges import (
    is_open_from_the_beginning,
    read_ranges,
    read_stored,
    to_stored,
)
from src.utils.osv.scores import Score, highest, read_vector, textual_score
from src.utils.osv.spelling import listed_form
from src.utils.osv.storable import storable

MALWARE_OPEN_RANGE = "malware_open_range"
UNREADABLE_AFFECTED = "unreadable_affected"
UNREADABLE_ALIAS = "unreadable_alias"
UNREADABLE_SEVERITY = "unreadable_severity"
UNREADABLE_VECTOR = "unreadable_vector"
UNREADABLE_VERSIONS = "unreadable_versions"

_BY_VALUE = {ecosystem.value: ecosystem for ecosystem in Ecosystem}
_MALWARE = "MAL-"
_CVSS = "CVSS_"
_ALIAS_SEPARATOR = re.compile(r"[\s,]+")
_CWE = re.compile(r"CWE-\d+", re.ASCII)


def read_advisory(document: Mapping[str, Any]) -> Advisory:
    """Return what a record says; raises InvalidPayloadError where it has no id or `modified`."""
    identity, modified = _identity(document)
    problems = Problems()
    entries = list(mappings(document.get("affected"), UNREADABLE_AFFECTED, problems))
    ours = [
        (package, entry)
        for entry in entries
        if (package := read_package(entry.get("package"), problems)) is not None
    ]
    affected = tuple(_read_affected(*package, entry, problems) for package, entry in ours)
    if identity.startswith(_MALWARE):
        affected = _trusting_lists(affected, problems)
    aliases = frozenset(_aliases(document.get("aliases"), problems)) - {identity}
    severity = _textual_severity(document)
    scores = [*_scores(document, problems)]
    for _, entry in ours:
        scores.extend(_scores(entry, problems))
    score = highest(scores)
    return Advisory(
        id=identity,
        modified=modified,
        withdrawn=bool(document.get("withdrawn")),
        kind=_kind(identity, aliases, document, [entry for _, entry in ours]),
        aliases=aliases,
        affected=affected,
        score=textual_score(severity) if score is None else score,
        severity=severity,
        problems=dict(problems),
    )


def stored_form(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as it is stored: as published, with what is computed once beside it.

    Added are `_id`, `package_keys`, `cwes`, `matching` and a `base_score` beside every vector that can
    be read. Raises InvalidPayloadError where it is no record or no database could hold it.
    """
    advisory = read_advisory(document)
    stored = {key: value for key, value in storable(document).items() if key != "_id"}
    _add_base_scores(stored.get("severity"))
    for entry in mappings(stored.get("affected"), UNREADABLE_AFFECTED, Problems()):
        _add_base_scores(entry.get("severity"))
    keys = {package_key(affected.ecosystem, affected.name) for affected in advisory.affected}
    return {
        "_id": advisory.id,
        **stored,
        "cwes": _cwes(document),
        "package_keys": sorted(keys),
        "matching": _matching_of(advisory),
    }


def from_stored(document: Mapping[str, Any]) -> Advisory:
    """Return the advisory of a stored record, of which `_id` and `matching` are enough.

    A record that other software stored has no `matching` and is read whole, as published. Raises
    InvalidPayloadError where it is neither.
    """
    matching = document.get("matching")
    if matching is None:
        return read_advisory(document)
    try:
        return Advisory(
            id=document["_id"],
            modified=matching["modified"],
            withdrawn=matching["withdrawn"],
            kind=AdvisoryKind(matching["kind"]),
            aliases=frozenset(matching["aliases"]),
            affected=tuple(
                Affected(
                    _BY_VALUE[entry["ecosystem"]],
                    entry["name"],
                    read_stored(entry["ranges"]),
                    frozenset(entry["versions"]),
                )
                for entry in matching["affected"]
            ),
            score=matching["score"],
            severity=matching["severity"],
            problems=dict(matching["problems"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidPayloadError(f"not a stored record: {error!r}") from error


def _matching_of(advisory: Advisory) -> dict[str, Any]:
    return {
        "modified": advisory.modified,
        "withdrawn": advisory.withdrawn,
        "kind": advisory.kind.value,
        "aliases": sorted(advisory.aliases),
        "score": advisory.score,
        "severity": advisory.severity,
        "problems": dict(sorted(advisory.problems.items())),
        "affected": [
            {
                "ecosystem": affected.ecosystem.value,
                "name": affected.name,
                "ranges": to_stored(affected.ranges),
                "versions": sorted(affected.versions),
            }
            for affected in advisory.affected
        ],
    }


def _identity(document: Mapping[str, Any]) -> tuple[str, str]:
    try:
        return admit_key(text(document.get("id"))), admit_key(text(document.get("modified")))
    except InvalidKeyError as error:
        raise InvalidPayloadError(f"not a record, id or date of change: {error}") from error


def _read_affected(
    ecosystem: Ecosystem, name: str, entry: Mapping[str, Any], problems: Problems
) -> Affected:
    listed = texts(entry.get("versions"), UNREADABLE_VERSIONS, problems)
    return Affected(
        ecosystem,
        name,
        tuple(read_ranges(entry.get("ranges"), ecosystem, problems)),
        frozenset(listed_form(storable(version), ecosystem) for version in listed),
    )


def _trusting_lists(affected: tuple[Affected, ...], problems: Problems) -> tuple[Affected, ...]:
    # Malware records keep an open range from the days before the bad versions were known; where a
    # package has a list, whatever else its entries say would call every version malicious.
    listed = {(entry.ecosystem, entry.name) for entry in affected if entry.versions}
    stale = {
        (entry.ecosystem, entry.name)
        for entry in affected
        if any(map(is_open_from_the_beginning, entry.ranges))
    } & listed
    problems.update({MALWARE_OPEN_RANGE: len(stale)} if stale else {})
    return tuple(
        Affected(entry.ecosystem, entry.name, (), entry.versions)
        if (entry.ecosystem, entry.name) in stale
        else entry
        for entry in affected
    )


def _aliases(value: object, problems: Problems) -> Iterator[str]:
    # "CVE-2024-1," is published too.
    for alias in texts(value, UNREADABLE_ALIAS, problems):
        for identity in filter(None, _ALIAS_SEPARATOR.split(alias)):
            try:
                yield admit_key(identity)
            except InvalidKeyError:
                problems[UNREADABLE_ALIAS] += 1


def _kind(
    identity: str,
    aliases: Iterable[str],
    document: Mapping[str, Any],
    ours: list[Mapping[str, Any]],
) -> AdvisoryKind:
    # RustSec's informational advisories ("unmaintained", "unsound", "notice") say so for each crate.
    if any(name.startswith(_MALWARE) for name in (identity, *aliases)):
        return AdvisoryKind.MALWARE
    marks = [_informational(entry) for entry in ours]
    if _informational(document) or (marks and all(marks)):
        return AdvisoryKind.INFORMATIONAL
    return AdvisoryKind.VULNERABILITY


def _informational(holder: Mapping[str, Any]) -> bool:
    return text(mapping(holder.get("database_specific")).get("informational")) != ""


def _textual_severity(document: Mapping[str, Any]) -> str:
    word = text(mapping(document.get("database_specific")).get("severity")).strip().upper()
    return word if textual_score(word) is not None else ""


def _scores(holder: Mapping[str, Any], problems: Problems) -> Iterator[Score]:
    for entry in mappings(holder.get("severity"), UNREADABLE_SEVERITY, problems):
        if not text(entry.get("type")).startswith(_CVSS):
            continue
        score = read_vector(text(entry.get("score")))
        if score is None:
            problems[UNREADABLE_VECTOR] += 1
        else:
            yield score


def _add_base_scores(severity: object) -> None:
    for entry in mappings(severity, UNREADABLE_SEVERITY, Problems()):
        score = read_vector(text(entry.get("score")))
        if isinstance(entry, dict) and score is not None:
            entry["base_score"] = score.value


def _cwes(document: Mapping[str, Any]) -> list[str]:
    """Return the weaknesses: GitHub's ids for the record, OpenSSF's for each package."""
    ignored = Problems()
    specific = mapping(document.get("database_specific"))
    found = set(texts(specific.get("cwe_ids"), UNREADABLE_SEVERITY, ignored))
    for entry in mappings(document.get("affected"), UNREADABLE_AFFECTED, ignored):
        cwes = mapping(entry.get("database_specific")).get("cwes")
        found |= {text(cwe.get("cweId")) for cwe in mappings(cwes, UNREADABLE_SEVERITY, ignored)}
    return sorted(cwe for cwe in found if _CWE.fullmatch(cwe))
