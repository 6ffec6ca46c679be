"""Requirements that a message tells: from the parent that it names to the package it asked for."""

from dataclasses import dataclass

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import ParentNotFoundError
from src.schemas.package import ANY, KIND_MESSAGE
from src.services.dbs.graph_driver import GraphDriver, Row
from src.services.graph import parent_cypher as cypher
from src.utils.json_values import texts
from src.utils.keys import admit_key

_FILE = "RequirementFile"
_VERSION = "Version"
_SHOWN = 80
_MAX_ID = 2**63


@dataclass(frozen=True, slots=True)
class ParentLink:
    """A requirement to be made.

    `parent_id` is the engine's own id of a RequirementFile, a Version, or a package, whose version
    `parent_version` then names.
    """

    parent_id: str
    parent_version: str
    ecosystem: Ecosystem
    name: str
    constraints: str


class ParentStore:
    """Makes the edge from a parent to a package, once however often it is told; raises StoreError."""

    def __init__(self, graph: GraphDriver) -> None:
        """Link in `graph`."""
        self._graph = graph

    async def link(self, link: ParentLink) -> None:
        """Make the edge; raises ParentNotFoundError where there is no such parent."""
        found = await self._parent(link.parent_id)
        labels = texts(found["labels"])
        if _FILE in labels:
            await self._link_file(link)
            return
        purl = str(found["purl"] or "") if _VERSION in labels else ""
        if not purl:
            purl = await self._version_of_package(link, labels, str(found["name"] or ""))
        await self._link_version(link, purl)

    async def _parent(self, parent_id: str) -> Row:
        id_: str | int = parent_id
        if self._graph.engine == "falkordb":
            if not (parent_id.isascii() and parent_id.isdigit() and int(parent_id) < _MAX_ID):
                raise ParentNotFoundError(f"no node has the id {parent_id[:_SHOWN]!r}")
            id_ = int(parent_id)
        rows = await self._graph.run(cypher.parent(self._graph.engine), {"id": id_})
        if not rows:
            raise ParentNotFoundError(f"no node has the id {parent_id[:_SHOWN]!r}")
        return rows[0]

    async def _version_of_package(
        self, link: ParentLink, labels: tuple[str, ...], name: str
    ) -> str:
        ecosystem = next(filter(None, map(Ecosystem.from_label, labels)), None)
        if ecosystem is None:
            raise ParentNotFoundError(
                f"the parent is a {' '.join(labels) or 'node without a label'}, which requires"
                " nothing: a RequirementFile, a Version or a package is asked for"
            )
        if not link.parent_version:
            raise ParentNotFoundError(
                f"the parent is the package {name[:_SHOWN]!r}, and no parent_version is named"
            )
        parameters = {"name": name, "version": link.parent_version}
        rows = await self._graph.run(cypher.version_named(ecosystem), parameters)
        if not rows or rows[0]["purl"] is None:
            version = link.parent_version[:_SHOWN]
            raise ParentNotFoundError(f"the package {name[:_SHOWN]!r} has no version {version!r}")
        return str(rows[0]["purl"])

    async def _link_file(self, link: ParentLink) -> None:
        id_ = int(link.parent_id) if self._graph.engine == "falkordb" else link.parent_id
        await self._made(
            cypher.link_file(self._graph.engine, link.ecosystem),
            {"id": id_, "name": admit_key(link.name), "constraints": link.constraints or ANY},
        )

    async def _link_version(self, link: ParentLink, purl: str) -> None:
        rows = await self._graph.run(cypher.OWNER, {"purl": purl})
        owner = rows[0]["owner"] if rows else None
        if owner is None:
            raise ParentNotFoundError(f"the version {purl[:_SHOWN]!r} belongs to no package")
        await self._made(
            cypher.link_version(link.ecosystem),
            {
                "purl": purl,
                "name": admit_key(link.name),
                "constraints": link.constraints or ANY,
                "kind": KIND_MESSAGE,
                "owner": owner,
            },
        )

    async def _made(self, statement: str, parameters: dict[str, object]) -> None:
        rows = await self._graph.run(statement, parameters)
        if not rows or not rows[0]["linked"]:
            raise ParentNotFoundError("the parent or the package went away meanwhile")
