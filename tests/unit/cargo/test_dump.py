"""The dump as a stream of tables: any order of tables and columns, and no part for the whole."""

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.schemas.errors import InvalidPayloadError
from src.utils.cargo import dump
from src.utils.cargo.dump import read_dump
from tests.contract.cargo_registry import tar_gz

CRATES = "id,name,repository,homepage\n1,foo,https://r.test,\n"
VERSIONS = (
    "id,crate_id,num,checksum,yanked,created_at,license,rust_version,links\n"
    "7,1,1.0.0,ab,f,2024-01-01 00:00:00+00,MIT,1.60,z\n"
)
DEPENDENCIES = (
    "id,version_id,crate_id,req,kind,optional,target,explicit_name\n9,7,1,^1,0,t,cfg(unix),bar\n"
)
TABLES = {"crates": CRATES, "versions": VERSIONS, "dependencies": DEPENDENCIES}


def packed(*, folder: str = "2024-01-02", **tables: str) -> bytes:
    files = {f"{folder}/data/{name}.csv": text for name, text in {**TABLES, **tables}.items()}
    return tar_gz(files)


def read(body: bytes) -> dict[str, list[tuple[str, ...]]]:
    stream = io.BufferedReader(io.BytesIO(body))  # type: ignore[arg-type]
    return {table.name: list(table.rows) for table in read_dump(stream, "u")}


EXPECTED = {
    "crates": [("1", "foo", "https://r.test", "")],
    "versions": [("1", "7", "1.0.0", "ab", "f", "2024-01-01 00:00:00+00", "MIT", "1.60", "z")],
    "dependencies": [("7", "9", "1", "^1", "0", "t", "cfg(unix)", "bar")],
}


def test_the_tables_are_read_by_the_names_of_their_columns() -> None:
    assert read(packed()) == EXPECTED


def test_columns_may_come_in_any_order_and_unknown_ones_are_read_over() -> None:
    crates = "new,homepage,name,repository,id\nx,,foo,https://r.test,1\n"
    assert read(packed(crates=crates)) == EXPECTED


def test_tables_may_come_in_any_order_and_others_are_read_over() -> None:
    files: dict[str, str | bytes] = {
        f"./d/data/{name}.csv": text for name, text in reversed(TABLES.items())
    }
    assert read(tar_gz({"d/README.md": "", "d/data/users.csv": "id\n1\n", **files})) == EXPECTED


def test_a_dump_that_was_unpacked_on_the_way_is_read_too() -> None:
    assert read(gzip.decompress(packed())) == EXPECTED


def test_nothing_is_read_behind_the_last_table_needed() -> None:
    files = {f"d/data/{name}.csv": text for name, text in TABLES.items()}
    whole = gzip.decompress(tar_gz({**files, "d/data/z.csv": "x" * 99}))
    broken = gzip.compress(whole[: whole.rindex(b"d/data/z.csv")] + b"garbage")
    assert read(broken) == EXPECTED


def test_the_checksum_may_have_its_newer_name() -> None:
    assert read(packed(versions=VERSIONS.replace("checksum", "tar_sha256"))) == EXPECTED


def test_columns_that_only_add_may_be_absent() -> None:
    found = read(packed(crates="id,name,repository\n1,foo,https://r.test\n"))
    assert found == EXPECTED


def test_fields_may_hold_lines_and_quotes_and_a_megabyte() -> None:
    readme = 'a "b"\n' * 200_000
    quoted = '"' + readme.replace('"', '""') + '"'
    crates = f"id,name,repository,homepage,readme\n1,foo,https://r.test,,{quoted}\n"
    assert read(packed(crates=crates)) == EXPECTED


@pytest.mark.parametrize(
    ("table", "column"),
    [("crates", "name"), ("versions", "yanked"), ("versions", "checksum"), ("dependencies", "req")],
)
def test_a_column_that_is_missing_is_an_error(table: str, column: str) -> None:
    with pytest.raises(InvalidPayloadError, match=column):
        read(packed(**{table: TABLES[table].replace(column, "other", 1)}))


@pytest.mark.parametrize("table", list(TABLES))
def test_a_table_that_is_missing_is_an_error(table: str) -> None:
    files = {f"d/data/{name}.csv": text for name, text in TABLES.items() if name != table}
    with pytest.raises(InvalidPayloadError, match=table):
        read(tar_gz(files))


@pytest.mark.parametrize(
    "crates",
    [
        "",
        "id,name,repository,homepage\n1,foo\n",
        'id,name,repository,homepage\n1,"foo,x,\n',
        'id,name,repository,homepage\n1,"foo"x,y,z\n',
    ],
)
def test_a_broken_table_is_an_error(crates: str) -> None:
    with pytest.raises(InvalidPayloadError):
        read(packed(crates=crates))


def test_text_that_is_not_utf_8_is_an_error() -> None:
    files = {f"d/data/{name}.csv": text.encode() for name, text in TABLES.items()}
    files["d/data/crates.csv"] = CRATES.encode() + b"2,\xff,,\n"
    with pytest.raises(InvalidPayloadError):
        read(tar_gz(files))


def test_a_line_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "LINE_BYTES", 1000)
    with pytest.raises(InvalidPayloadError):
        read(packed(crates=CRATES + "2," + "x" * 2000))


def test_a_dump_cut_anywhere_is_an_error_and_never_a_part() -> None:
    plain = gzip.decompress(packed())
    end = plain.rindex(b"cfg(unix),bar\n") + len("cfg(unix),bar\n")
    for size in range(0, end, 97):
        for body in (gzip.compress(plain[:size]), plain[:size]):
            with pytest.raises(InvalidPayloadError):
                read(body)


def test_an_entry_that_claims_too_much_is_refused() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("x")
        info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**33
        archive.addfile(info)
    with pytest.raises(InvalidPayloadError):
        read(buffer.getvalue())


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"\x1f\x8b", b"PK\3\4", b"x" * 2000])
def test_what_is_no_dump_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        read(body)


@given(st.binary(max_size=80), st.text(max_size=40))
def test_no_bytes_raise_anything_else(body: bytes, table: str) -> None:
    for candidate in (body, gzip.compress(body), packed(crates=CRATES + table)):
        try:
            found = read(candidate)
        except InvalidPayloadError:
            continue
        assert set(found) == set(TABLES)
