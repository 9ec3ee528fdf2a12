"""The serving copy is the mart without personal data, old enough for older tools, and in nobody's way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from salesloft_pipeline.transform import serving
from salesloft_pipeline.transform.serving import SERVED, ServingError
from salesloft_pipeline.warehouse import Warehouse, WarehouseError

# The number in the file's head that DuckDB 1.0 writes and reads.
_STORAGE_OF_1_0 = 64


@pytest.fixture
def closed(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """The small world, built, on each engine; nobody has it open."""
    if engine == "postgres":
        server, template = (request.getfixturevalue(name) for name in ("postgres_server", "built_database"))
        with server.database(template) as url:
            yield Warehouse(url)
    else:
        shutil.copyfile(request.getfixturevalue("built_file"), tmp_path / "warehouse.duckdb")
        yield Warehouse(f"duckdb:///{tmp_path}/warehouse.duckdb")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the copy goes; a name that needs quoting."""
    return tmp_path / "it's served"


def test_the_copy_is_the_mart(closed: Warehouse, folder: Path) -> None:
    """Every row of every table, on either engine, in types that mean the same; the check finds no fault."""
    published = serving.publish(closed, folder)
    copy = serving.serving_copy(folder)
    assert serving.faults(closed, folder) == []
    assert copy.tables("mart") == sorted(SERVED)
    assert published.rows.keys() == set(SERVED)
    for name in ("daily_engagement", "fct_email", "dim_user", "dim_user_history", "v_daily_engagement"):
        rows = f"select * from mart.{name} order by 1, 2, 3, 4"
        assert copy.query(rows) == closed.query(rows), name
    kinds = copy.columns("mart", "build_info")
    assert (kinds["as_of"], kinds["as_of_date"]) == ("TIMESTAMP WITH TIME ZONE", "DATE")


def test_no_personal_table_leaves(closed: Warehouse, folder: Path) -> None:
    """Neither the file nor the Parquet folder has a *_pii table, and no address of a person is in their bytes."""
    serving.publish(closed, folder)
    assert {"dim_person_pii", "fct_note_pii"} <= set(closed.tables("mart"))
    assert {path.stem for path in (folder / "parquet").iterdir()} == set(SERVED)
    assert not [name for name in SERVED if name.endswith("_pii")]
    assert b"@acme.test" not in (folder / "salesloft.duckdb").read_bytes()


def test_older_tools_read_it(closed: Warehouse, folder: Path) -> None:
    """The file is written as DuckDB 1.0 wrote it, and each table says what a row is."""
    serving.publish(closed, folder)
    head = (folder / "salesloft.duckdb").read_bytes()[:16]
    assert head[8:12] == b"DUCK"
    assert head[12] == _STORAGE_OF_1_0
    comments = dict(serving.serving_copy(folder).query("select table_name, comment from duckdb_tables()"))
    assert all(comment.startswith("One row") for comment in comments.values())


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_reader_keeps_what_it_opened(closed: Warehouse, folder: Path) -> None:
    """An open notebook neither blocks the next publication nor sees it; nor does it hold the warehouse."""
    first = serving.publish(closed, folder)
    with duckdb.connect(folder / "salesloft.duckdb", read_only=True) as notebook:
        closed.execute("update mart.build_info set build_id = 'later'")
        (folder / "parquet" / "dropped.parquet").touch()
        left = folder / "salesloft.duckdb.fresh"
        left.write_text("what a killed publication left")
        left.with_name("salesloft.duckdb.fresh.wal").touch()
        serving.publish(closed, folder)
        assert notebook.execute("select build_id from mart.build_info").fetchall() == [(first.build_id,)]
    assert serving.serving_copy(folder).query("select build_id from mart.build_info") == [("later",)]
    assert not list(folder.glob("*.fresh*"))
    assert not (folder / "parquet" / "dropped.parquet").exists()


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_copy_that_differs_is_found_out(closed: Warehouse, folder: Path) -> None:
    """Another build, a lost row, a lost comment: Q28 names each."""
    serving.publish(closed, folder)
    served = Warehouse(f"duckdb:///{folder}/salesloft.duckdb")
    served.execute("delete from mart.dim_user where user_id = 8")
    served.execute("comment on table mart.dim_step is null")
    served.execute("comment on column mart.dim_step.step_name is null")
    closed.execute("update mart.build_info set build_id = 'later'")
    told = serving.faults(closed, folder)
    assert len(told) == 4
    assert "of build later" in told[0]
    assert told[1:] == [
        "dim_user has 2 rows in the copy and 3 in the mart",
        "dim_step has no comment in the copy",
        "dim_step.step_name has no comment in the copy",
    ]


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_failure_leaves_the_old_copy(closed: Warehouse, folder: Path) -> None:
    """A mart that lacks a table publishes nothing."""
    serving.publish(closed, folder)
    before = (folder / "salesloft.duckdb").read_bytes()
    closed.execute("drop table mart.dim_step")
    with pytest.raises(duckdb.Error):
        serving.publish(closed, folder)
    assert (folder / "salesloft.duckdb").read_bytes() == before


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_warehouse_in_use_is_told(closed: Warehouse, folder: Path) -> None:
    """No file yet: the error says so and makes none."""
    assert closed.path
    closed.path.unlink()
    with pytest.raises(WarehouseError, match="not there, or open in another process"):
        serving.publish(closed, folder)
    assert not closed.path.exists()
    with pytest.raises(ServingError, match="SERVING_FOLDER"):
        serving.serving_copy(folder)


@pytest.mark.parametrize("engine", ["duckdb"])
def test_export_writes_what_was_asked_for(closed: Warehouse, folder: Path, tmp_path: Path) -> None:
    """CSV with a header, Parquet; both hold the rows of the copy."""
    serving.publish(closed, folder)
    copy = serving.serving_copy(folder)
    rows = serving.export(copy, tmp_path / "out", "csv", ["dim_user"])
    assert rows == {"dim_user": 3}
    assert serving.export(copy, tmp_path / "out", "parquet", ["daily_engagement"]).keys() == {
        "daily_engagement"
    }
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "daily_engagement.parquet",
        "dim_user.csv",
    ]
    back = duckdb.sql(f"select user_name from '{tmp_path}/out/dim_user.csv' order by user_id").fetchall()
    assert back == [("No user",), ("Ann",), ("Bob",)]


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_workbook_holds_what_the_copy_holds(
    closed: Warehouse, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers, days and instants as such, text as text whatever it begins with; twice, the same bytes."""
    closed.execute("update mart.dim_cadence set cadence_name = '=HYPERLINK(\"x\")' where cadence_id = 10")
    serving.publish(closed, folder)
    copy = serving.serving_copy(folder)
    monkeypatch.setattr(serving, "_PAGE", 2)
    tables = ["dim_cadence", "daily_engagement", "dim_user", "build_info"]
    for target in ("one", "other"):
        assert serving.export(copy, tmp_path / target, "xlsx", tables)["dim_user"] == 3
    for name in tables:
        assert (tmp_path / "one" / f"{name}.xlsx").read_bytes() == (
            tmp_path / "other" / f"{name}.xlsx"
        ).read_bytes()
        book = pd.read_excel(tmp_path / "one" / f"{name}.xlsx", engine="calamine")
        assert list(book.columns) == list(copy.columns("mart", name))
        assert len(book) == len(copy.query(f"from mart.{name}"))
    cadences = pd.read_excel(tmp_path / "one" / "dim_cadence.xlsx", engine="calamine")
    assert '=HYPERLINK("x")' in set(cadences["cadence_name"])
    days = pd.read_excel(tmp_path / "one" / "daily_engagement.xlsx", engine="calamine")
    assert days["emails_sent"].sum() == copy.query("select sum(emails_sent) from mart.daily_engagement")[0][0]
    assert (
        pd.to_datetime(days["engagement_date"]).dt.date.min()
        == copy.query("select min(engagement_date) from mart.daily_engagement")[0][0]
    )
    info = pd.read_excel(tmp_path / "one" / "build_info.xlsx", engine="calamine")
    ((as_of,),) = copy.query("select as_of from mart.build_info")
    assert info["as_of"][0] == as_of.replace(tzinfo=None)


@pytest.mark.parametrize("engine", ["duckdb"])
def test_what_no_sheet_holds_is_refused(
    closed: Warehouse, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the name of the table, its rows and what to do, before a file is written."""
    serving.publish(closed, folder)
    monkeypatch.setattr(serving, "MOST_ROWS", 3)
    with pytest.raises(ServingError, match="dim_user has 3 rows, and a sheet of Excel 3: export it as csv"):
        serving.export(serving.serving_copy(folder), tmp_path / "out", "xlsx", ["build_info", "dim_user"])
    assert not list((tmp_path / "out").iterdir())
