"""A generated npm replication service of millions of names, each page made when it is asked for."""

import json
from urllib.parse import parse_qs

from src.local_stack.replay import Document

JSON = "application/json"
ROOT, NAMES, CHANGES = (
    "/npm-replicate/",
    "/npm-replicate/registry/_all_docs",
    "/npm-replicate/registry/_changes",
)
MAX_PAGE = 10_000


class NpmNames:
    """Answers as the service does: rows sorted by name, `startkey` inclusive, numeric `since`."""

    def __init__(self, names: int) -> None:
        """Offer so many packages, `package-0000000` and on."""
        self.names = names

    def document(self, path: str, query: str = "") -> Document | None:
        """Return the document at a path, for a query as sent."""
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        if path == ROOT:
            return _json(
                {"engine": "npm-replicate", "doc_count": self.names, "update_seq": self.names}
            )
        if path == NAMES:
            start = json.loads(asked["startkey"]) if "startkey" in asked else package_name(0)
            return self._page(
                int(start.removeprefix("package-")), int(asked.get("limit", MAX_PAGE))
            )
        if path == CHANGES:
            return _json({"results": [], "last_seq": int(asked["since"])})
        return None

    def _page(self, first: int, limit: int) -> Document:
        last = min(first + min(limit, MAX_PAGE), self.names)
        rows = ",".join(
            f'{{"id":"{name}","key":"{name}","value":{{"rev":"1-{number:032x}"}}}}'
            for number, name in ((number, package_name(number)) for number in range(first, last))
        )
        body = f'{{"total_rows":{self.names},"offset":{first},"rows":[{rows}]}}'
        return Document(body.encode(), JSON)


def package_name(number: int) -> str:
    """Return the name of a package."""
    return f"package-{number:07}"


def _json(body: object) -> Document:
    return Document(json.dumps(body).encode(), JSON)
