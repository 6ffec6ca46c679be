"""The fake that the contract suite fills: it pages, repeats and deletes as it says."""

import json
from typing import Any

from tests.contract.npm_registry import PAGE_SIZE, FakeNpm
from tests.contract.registry import Published


def filled() -> FakeNpm:
    fake = FakeNpm()
    for name in fake.names:
        fake.publish(name, {"1.0.0": Published()})
    return fake


def ask(fake: FakeNpm, path: str, query: str = "") -> Any:
    document = fake.document(path, query)
    return None if document is None else json.loads(document.body)


def test_its_names_take_more_than_a_page_and_come_in_order() -> None:
    fake = filled()
    page = ask(fake, fake.listing_path(), f"limit={PAGE_SIZE}")
    assert [row["id"] for row in page["rows"]] == sorted(["_design/app", *fake.names])[:PAGE_SIZE]
    assert len(fake.names) >= 12
    fake.quirks.add("repeated_page")
    again = ask(fake, fake.listing_path(), f"limit={PAGE_SIZE}&startkey=%22package-05%22")
    assert "package-02" in {row["id"] for row in again["rows"]}


def test_a_deletion_is_told_and_its_document_gone() -> None:
    fake = filled()
    before = ask(fake, "/npm-replicate/")["update_seq"]
    fake.delete("package-01")
    page = ask(fake, "/npm-replicate/registry/_changes", f"since={before}&limit=9")
    assert [(row["id"], row["deleted"]) for row in page["results"]] == [("package-01", True)]
    assert ask(fake, fake.package_path("package-01")) is None
    assert ask(fake, fake.package_path("@scope/tool"))["_rev"] == fake.revision("@scope/tool")
