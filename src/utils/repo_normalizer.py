"""Repository addresses: the many ways to write one, made equal.

Pure text work for every ecosystem: nothing is asked of a forge. A repository is told by
`https://host/owner/name`, and for forges with groups by the whole path of groups.
"""

import re
from urllib.parse import unquote, urlsplit

from src.schemas.package import UNKNOWN

_FORGES = {
    "github.com": 2,
    "bitbucket.org": 2,
    "codeberg.org": 2,
    "git.sr.ht": 2,
    "hg.sr.ht": 2,
    "gitlab.com": 0,
}
"""Path segments that name a repository; 0 where groups may be nested (GitLab)."""

_GROUP_FORGE = re.compile(r"gitlab\.[a-z0-9.-]+")
_SHORTHAND = re.compile(r"(github|gitlab|bitbucket):(?!//)([^/\s:]+/[^\s:]+)")
_SCP = re.compile(r"(?:[\w.-]+@)([\w.-]+):(?!//)(?!\d+/)(.+)")
_SCHEME = re.compile(r"(?:scm:)?(?:git|hg|svn)?[+:]?(?:https?|ssh|git|git\+ssh)://", re.IGNORECASE)
_SEGMENT = re.compile(r"[\w.~+-]+")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_SHORT_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_NO_OWNERS = frozenset(
    {
        "about",
        "apps",
        "collections",
        "contact",
        "enterprise",
        "explore",
        "features",
        "issues",
        "join",
        "login",
        "marketplace",
        "notifications",
        "orgs",
        "organizations",
        "pricing",
        "pulls",
        "search",
        "settings",
        "site",
        "sponsors",
        "topics",
        "users",
        "groups",
        "dashboard",
        "-",
    }
)
_PAGES_OF_A_REPOSITORY = frozenset(
    {"tree", "blob", "issues", "merge_requests", "wikis", "commits", "tags", "raw", "releases"}
)


def normalize_repository_url(address: str) -> str:
    """Return `https://host/owner/name` of a repository on a known forge, "" for anything else.

    Known are GitHub, GitLab (also one's own, at `gitlab.…`), Bitbucket, Codeberg and SourceHut.
    Scheme, user, port, query, fragment, `.git` and pages of the repository are left out.
    """
    host, segments = _split(address)
    depth = 0 if _GROUP_FORGE.fullmatch(host) else _FORGES.get(host)
    if depth is None:
        return ""
    repository = segments[:depth] if depth else _without_pages(segments)
    if len(repository) < max(depth, 2) or repository[0].lower() in _NO_OWNERS:
        return ""
    repository = [*repository[:-1], repository[-1].removesuffix(".git")]
    if not all(_SEGMENT.fullmatch(part) and part.strip(".") for part in repository):
        return ""
    return f"https://{host}/{'/'.join(repository)}"


def repository_owner(repository_url: str) -> str:
    """Return the owner of a normalised repository address, "n/a" where there is none.

    With nested groups that is the outermost one; SourceHut's `~` is no part of the name.
    """
    if not normalize_repository_url(repository_url):
        return UNKNOWN
    return urlsplit(repository_url).path.split("/")[1].removeprefix("~") or UNKNOWN


def _split(address: str) -> tuple[str, list[str]]:
    text = address.strip()
    if shorthand := _SHORTHAND.fullmatch(text):
        return _SHORT_HOSTS[shorthand[1]], shorthand[2].split("/")
    text = text.removeprefix("scm:").removeprefix("git:") if "@" in text else text
    if (scp := _SCP.fullmatch(text)) and "://" not in text:
        text = f"{scp[1]}/{scp[2]}"
    text, schemes = _SCHEME.subn("", text, count=1)
    if "://" in text and not schemes:
        return "", []
    try:
        parts = urlsplit(f"//{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", []
    if not _HOST.fullmatch(host):
        return "", []
    return host, [unquote(part) for part in parts.path.split("/") if part]


def _without_pages(segments: list[str]) -> list[str]:
    for place, segment in enumerate(segments):
        if segment == "-" or (place > 1 and segment in _PAGES_OF_A_REPOSITORY):
            return segments[:place]
    return segments
