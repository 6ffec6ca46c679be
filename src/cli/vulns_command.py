"""`ssc vulns`: which advisories hit a version or a package, and why."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from src.cli.bridge import run
from src.cli.context import console, effective_settings
from src.cli.graph_commands import configured_graph
from src.cli.purl_argument import NamedByPurl, read_purl
from src.schemas.advisory import Advisory, AdvisoryKind, Attribution, Match, package_key
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import StoreError
from src.services.graph.attribution_store import AttributionStore
from src.services.vulnerability.advisory_store import open_advisories
from src.utils.osv.attribution import attribute
from src.utils.osv.matching import PackageMatcher
from src.utils.osv.spelling import listed_form
from src.utils.purl import make_purl
from src.utils.version_rules import RULES

_NOTHING = "-"


@dataclass(frozen=True)
class Finding:
    """An advisory and the versions that it hits, in the ecosystem's order."""

    advisory: Advisory
    matches: Mapping[str, Match]


@dataclass(frozen=True)
class Report:
    """What was asked for, which versions were looked at, and what hits them.

    `attribution` is that of the version; None where the whole package was asked for.
    """

    asked: NamedByPurl
    purl: str
    versions: tuple[str, ...]
    findings: tuple[Finding, ...]
    attribution: Attribution | None = None


def vulns(
    purl: str = typer.Argument(help="package URL of a version or of a package"),
    as_json: bool = typer.Option(False, "--json", help="print JSON instead of a table"),
) -> None:
    """Show which advisories hit a version, or which versions of a package, and why."""
    report = run(_report(purl))
    if as_json:
        typer.echo(json.dumps(as_mapping(report), indent=2, ensure_ascii=False))
    else:
        show_report(report)


async def _report(text: str) -> Report:
    asked = read_purl(text)
    async with configured_graph() as graph:
        found = await AttributionStore(graph).versions_of(asked.ecosystem, [asked.name])
    if asked.name not in found:
        raise StoreError(f"the graph has no package {asked.name} of {asked.ecosystem.osv_name}")
    versions = found[asked.name]
    if asked.version:
        asked = replace(asked, version=_spelled_as_stored(asked, versions))
    advisories = await _advisories(package_key(asked.ecosystem, asked.name))
    return make_report(asked, versions, advisories)


def _spelled_as_stored(asked: NamedByPurl, versions: Mapping[str, str]) -> str:
    """Return the version as the graph spells it: as given, else by the ecosystem's own equality."""
    if asked.version in versions:
        return asked.version
    form = listed_form(asked.version, asked.ecosystem)
    alike = sorted(v for v in versions if listed_form(v, asked.ecosystem) == form)
    if not alike:
        raise StoreError(f"the graph has no version {asked.version} of {asked.name}")
    return alike[0]


async def _advisories(key: str) -> list[Advisory]:
    settings = effective_settings()
    password = settings.vuln_db_password.get_secret_value()
    address, user = settings.vuln_db_uri, settings.vuln_db_user
    async with open_advisories(address, user, password) as store:
        return (await store.by_packages([key])).get(key, [])


def make_report(
    asked: NamedByPurl, versions: Mapping[str, str], advisories: Iterable[Advisory]
) -> Report:
    """Hold every advisory against what was asked for; the highest score comes first.

    `versions` are those that the graph has, with their purls.
    """
    ordered = (asked.version,) if asked.version else _in_order(asked.ecosystem, versions)
    purl = versions.get(asked.version) or make_purl(asked.ecosystem, asked.name)
    unique = {advisory.id: advisory for advisory in advisories}
    findings = []
    for advisory in unique.values():
        matcher = PackageMatcher(advisory, asked.ecosystem, asked.name)
        hits = {version: matcher.match(version) for version in ordered}
        matches = {version: match for version, match in hits.items() if match is not None}
        if matches:
            findings.append(Finding(advisory, matches))
    findings.sort(key=lambda finding: (-(finding.advisory.score or 0.0), finding.advisory.id))
    attribution = None
    if asked.version:
        told = attribute(unique.values(), asked.ecosystem, asked.name, [asked.version])
        attribution = told[asked.version]
    return Report(asked, purl, ordered, tuple(findings), attribution)


def as_mapping(report: Report) -> dict[str, Any]:
    """Return a report in the form of `--json`."""
    told: dict[str, Any] = {
        "purl": report.purl,
        "ecosystem": report.asked.ecosystem.osv_name,
        "package": report.asked.name,
        "versions": len(report.versions),
    }
    if report.attribution is not None:
        told |= {
            "version": report.asked.version,
            "mean": report.attribution.mean,
            "weighted_mean": report.attribution.weighted_mean,
        }
    return told | {"advisories": [_finding_as_mapping(finding) for finding in report.findings]}


def show_report(report: Report) -> None:
    """Print a report as a table: of a version its advisories, of a package also whom they hit."""
    if not report.findings:
        console.print(f"no advisory hits {report.purl}", markup=False)
        return
    console.print(_headline(report), markup=False)
    table = Table()
    table.add_column("id", no_wrap=True)
    table.add_column("aliases", overflow="fold")
    for column in ("severity", "score"):
        table.add_column(column, no_wrap=True)
    columns = ["fixed in", "why"]
    for column in columns if report.attribution else [*columns, "versions"]:
        table.add_column(column, overflow="fold")
    for finding in report.findings:
        cells = _cells(finding)
        if report.attribution is None:
            cells.append(_span(finding, len(report.versions)))
        table.add_row(*map(escape, cells))
    console.print(table)


def _headline(report: Report) -> str:
    number = len(report.findings)
    told = "1 advisory hits" if number == 1 else f"{number} advisories hit"
    if report.attribution is None:
        return f"{told} versions of {report.purl}"
    means = f"mean {report.attribution.mean}, weighted mean {report.attribution.weighted_mean}"
    return f"{told} {report.purl} ({means})"


def _cells(finding: Finding) -> list[str]:
    advisory = finding.advisory
    fixes = dict.fromkeys(match.fixed_in for match in finding.matches.values() if match.fixed_in)
    reasons = sorted({match.reason for match in finding.matches.values()})
    rated = advisory.kind is AdvisoryKind.VULNERABILITY
    return [
        advisory.id,
        "\n".join(sorted(advisory.aliases)) or _NOTHING,
        (advisory.severity or _NOTHING) if rated else advisory.kind.value,
        _NOTHING if advisory.score is None else f"{advisory.score:.1f}",
        ", ".join(fixes) or _NOTHING,
        ", ".join(reasons),
    ]


def _span(finding: Finding, versions: int) -> str:
    hit = list(finding.matches)
    return f"{len(hit)} of {versions}: {hit[0]}" + (f" … {hit[-1]}" if len(hit) > 1 else "")


def _finding_as_mapping(finding: Finding) -> dict[str, Any]:
    advisory = finding.advisory
    return {
        "id": advisory.id,
        "aliases": sorted(advisory.aliases),
        "kind": advisory.kind.value,
        "severity": advisory.severity,
        "score": advisory.score,
        "modified": advisory.modified,
        "hits": [
            {"version": version, "reason": match.reason, "fixed_in": match.fixed_in}
            for version, match in finding.matches.items()
        ],
    }


def _in_order(ecosystem: Ecosystem, versions: Iterable[str]) -> tuple[str, ...]:
    """Return versions from the oldest on; those that the order does not know come first."""
    keys: dict[str, Any] = {v: RULES[ecosystem].order_key(v) for v in sorted(versions)}
    known = [version for version, key in keys.items() if key is not None]
    unknown = [version for version, key in keys.items() if key is None]
    return (*unknown, *sorted(known, key=lambda version: keys[version]))
