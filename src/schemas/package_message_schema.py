"""The request that other programs push onto the stream: one field `data` holding this as JSON."""

import time

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from src.schemas.package import UNKNOWN


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class PackageMessageSchema(BaseModel):
    """A request to extract one package, and to link it to the parent that asked for it.

    `node_type` is the graph label, `package` the name (Maven: `group:artifact`), `parent_id` the
    graph's element id of a RequirementFile, a Version or a package, whose version `parent_version`
    then names. `vendor` and `repository_url` serve where the registry gives none. `refresh` extracts
    again what is already there. `moment` is epoch milliseconds.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, str_max_length=4096)

    node_type: str = Field(min_length=1)
    package: str = Field(min_length=1, max_length=1024)
    vendor: str = UNKNOWN
    repository_url: str = UNKNOWN
    constraints: str = ""
    parent_id: str = ""
    parent_version: str = ""
    refresh: bool = False
    moment: int = Field(default_factory=_now_ms)

    @field_validator(
        "vendor", "repository_url", "constraints", "parent_id", "parent_version", mode="before"
    )
    @classmethod
    def _none_is_absent(cls, value: object, info: ValidationInfo) -> object:
        if value is not None:
            return value
        return cls.model_fields[str(info.field_name)].default
