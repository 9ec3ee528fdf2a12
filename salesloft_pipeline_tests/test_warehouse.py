"""The warehouse's face: the same on DuckDB and on Postgres, open only while in use, and plain about what is wrong."""

from __future__ import annotations

import stat
import subprocess
import sys
import traceback
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pandas as pd
import psycopg
import pytest

from salesloft_pipeline.warehouse import Warehouse, WarehouseError, quote

MOMENT = datetime(2026, 3, 8, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "down" / "warehouse.duckdb"


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, file: Path) -> Warehouse:
    """An empty schema `place` on each engine."""
    url = f"duckdb:///{file}" if request.param == "duckdb" else request.getfixturevalue("postgres_url")
    warehouse = Warehouse(url)
    warehouse.execute("create schema place")
    return warehouse


def test_the_face_is_the_same_on_both_engines(warehouse: Warehouse) -> None:
    """Statements, parameters, rows, frames, catalogue."""
    warehouse.execute(
        'create table place.t (id bigint, "order" text, moment timestamp with time zone, day date)'
    )
    with warehouse.transaction() as sql:
        sql.execute(
            "insert into place.t values ($1, $2, $3, $4)", [1, "100 % 'sure'?", MOMENT, date(2026, 3, 8)]
        )
        sql.execute("insert into place.t values ($1, $2, $3, $4)", (2, None, None, None))
    assert warehouse.query("select * from place.t where id = $1", [1]) == [
        (1, "100 % 'sure'?", MOMENT, date(2026, 3, 8))
    ]
    frame = warehouse.frame('select id, "order", moment from place.t where id <= $1 order by id', [2])
    assert list(frame.columns) == ["id", "order", "moment"]
    assert frame["id"].tolist() == [1, 2]
    assert frame["moment"][0] == pd.Timestamp(MOMENT)
    assert warehouse.tables("place") == ["t"]
    assert list(warehouse.columns("place", "t")) == ["id", "order", "moment", "day"]


# A column of each type that our tables have, and what a data frame makes of it, without and with a null.
COLUMNS = {
    "bigint": ("7", "int64", "Int64"),
    "integer": ("7", "int32", "Int32"),
    "double precision": ("0.5", "float64", "float64"),
    "numeric(9, 2)": ("0.5", "float64", "float64"),
    "boolean": ("true", "bool", "boolean"),
    "text": ("'seven'", "str", "str"),
    "json": ("""'{"seven": 7}'""", "str", "str"),
    "date": ("'2026-03-08'", "datetime64[us]", "datetime64[us]"),
    "timestamp with time zone": (
        "'2026-03-08 01:30:00-05:00'",
        "datetime64[us, UTC]",
        "datetime64[us, UTC]",
    ),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_frame_has_the_same_types_on_both_engines(warehouse: Warehouse, kind: str) -> None:
    """Of filled columns, and of columns with a null in them; missing values are missing."""
    value, filled, holed = COLUMNS[kind]
    one = f"select cast({value} as {kind}) as c"
    assert str(warehouse.frame(one)["c"].dtype) == filled
    frame = warehouse.frame(f"{one} union all select null")
    assert str(frame["c"].dtype) == holed
    assert frame["c"].isna().tolist() == [False, True]


def test_json_comes_back_as_text(warehouse: Warehouse) -> None:
    """As it was written, on both engines."""
    warehouse.execute("create table place.t (j json)")
    warehouse.execute("insert into place.t values ($1)", ['{"a": [1, ""]}'])
    assert warehouse.query("select j from place.t") == [('{"a": [1, ""]}',)]


def test_times_come_back_in_utc(warehouse: Warehouse) -> None:
    """Whatever the zone of the machine, and a cast to text or date too."""
    ((moment, text, day),) = warehouse.query(
        "select m, cast(m as text), cast(m as date) from (select timestamptz '2026-03-08 01:30:00-05:00' as m) t"
    )
    assert moment.utcoffset() == timedelta(0)
    assert (text, day) == ("2026-03-08 06:30:00+00", date(2026, 3, 8))
    assert moment.astimezone(UTC).hour == 6


@pytest.mark.parametrize("fault", ["insert into place.nowhere values (1)", "select 1 / cast('x' as integer)"])
def test_a_failed_transaction_leaves_nothing(warehouse: Warehouse, fault: str) -> None:
    """Neither rows nor tables, and the next one works."""

    def half_way() -> None:
        with warehouse.transaction() as sql:
            sql.execute("insert into place.t values (1)")
            sql.execute("create table place.u (id bigint)")
            sql.execute(fault)

    warehouse.execute("create table place.t (id bigint)")
    with pytest.raises((duckdb.Error, psycopg.Error)):
        half_way()
    assert warehouse.query("select * from place.t") == []
    assert warehouse.tables("place") == ["t"]


def test_a_transaction_reads_what_it_wrote(warehouse: Warehouse) -> None:
    """One connection for the whole block, `query` and `frame` included."""
    with warehouse.transaction() as sql:
        sql.execute("create table place.t as select 1 as id")
        assert sql.query("select id from place.t") == [(1,)]
        assert sql.frame("select id from place.t")["id"].tolist() == [1]


def test_read_only_cannot_write(warehouse: Warehouse) -> None:
    """Who only looks cannot do harm."""
    looking = Warehouse(warehouse.url, read_only=True)
    assert looking.query("select 1") == [(1,)]
    with pytest.raises(Exception, match="read-only"):
        looking.execute("create table place.t (id bigint)")


@pytest.mark.parametrize("name", ["order", 'a "quoted" name', "Mixed Case", "drop table x; --"])
def test_any_name_can_be_quoted(warehouse: Warehouse, name: str) -> None:
    """Reserved words, quotes and mixed case come back as they were."""
    warehouse.execute(f"create table place.{quote(name)} ({quote(name)} bigint)")
    assert list(warehouse.columns("place", name)) == [name]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("duckdb:///data/warehouse.duckdb", "data/warehouse.duckdb"),
        ("duckdb:////srv/a%20b/warehouse.duckdb", "/srv/a b/warehouse.duckdb"),
        ("postgresql://user:secret@host/database", None),
        ("postgres://user:secret@host/database", None),
    ],
)
def test_urls(url: str, path: str | None) -> None:
    """Three slashes are relative, four are absolute; a server has no path."""
    warehouse = Warehouse(url)
    assert warehouse.path == (Path(path) if path else None)
    assert "secret" not in repr(warehouse)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://host/database", "no warehouse speaks 'mysql'"),
        ("duckdb:///", "names no file"),
        ("warehouse.duckdb", "no warehouse speaks 'warehouse.duckdb'"),
    ],
)
def test_a_wrong_url_is_explained(url: str, complaint: str) -> None:
    """The message says what to write."""
    with pytest.raises(WarehouseError, match=complaint):
        Warehouse(url)


def test_the_file_appears_when_first_used(file: Path) -> None:
    """Making the object touches nothing; the first use makes the folders too."""
    warehouse = Warehouse(f"duckdb:///{file}")
    assert not file.parent.exists()
    assert warehouse.tables("raw_salesloft") == []
    assert file.exists()


def test_a_missing_file_is_not_made_by_looking(file: Path) -> None:
    """The message says what would make it."""
    with pytest.raises(WarehouseError, match="run a sync first"):
        Warehouse(f"duckdb:///{file}", read_only=True).query("select 1")
    assert not file.parent.exists()


def test_the_file_is_free_between_uses(file: Path) -> None:
    """Another process can open it while nothing is asked."""
    warehouse = Warehouse(f"duckdb:///{file}")
    warehouse.execute("create table t as select 1 as id")
    subprocess.run(
        [sys.executable, "-c", f"import duckdb; duckdb.connect({str(file)!r}).close()"], check=True
    )


def test_a_locked_file_is_explained(file: Path) -> None:
    """The message names the file and says what to close or await."""
    warehouse = Warehouse(f"duckdb:///{file}")
    warehouse.execute("create table t as select 1 as id")
    holding = f"import duckdb; c = duckdb.connect({str(file)!r}); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "held\n"
        with pytest.raises(WarehouseError, match=r"open in another process.*serving copy") as caught:
            warehouse.query("select 1")
        other.stdin.close()
    assert str(file) in str(caught.value)
    assert warehouse.query("select id from t") == [(1,)]


def test_kept_open_sees_its_own_writes(file: Path) -> None:
    """Many short visits go through one open file."""
    warehouse = Warehouse(f"duckdb:///{file}")
    with warehouse.kept_open():
        warehouse.execute("create table t as select 1 as id")
        assert warehouse.query("select id from t") == [(1,)]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Not the driver's riddle alone."""
    (tmp_path / "notes.txt").write_text("not a database, " * 500)
    with pytest.raises(WarehouseError, match=r"notes\.txt"):
        Warehouse(f"duckdb:///{tmp_path}/notes.txt").query("select 1")


def test_an_unreachable_server_is_told_without_the_password() -> None:
    """The driver's words, not the URL."""
    with pytest.raises(WarehouseError, match="cannot reach the Postgres warehouse") as caught:
        Warehouse("postgresql://someone:secret@127.0.0.1:1/nothing").query("select 1")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "complete"),
    [
        ("postgresql://ann:p%40ss@db.example/sales", "postgresql://ann:p%40ss@db.example:5432/sales"),
        (
            "postgresql://ann@db.example:5433/sales?sslmode=require",
            "postgresql://ann:@db.example:5433/sales?sslmode=require",
        ),
        ("postgresql://ann@/sales?host=/run/pg", "postgresql://ann:@%2Frun%2Fpg:5432/sales"),
        ("postgresql://ann@[::1]/sales", "postgresql://ann:@%3A%3A1:5432/sales"),
        ("postgresql://ann@", "postgresql://ann:@localhost:5432/ann"),
    ],
)
def test_what_a_server_url_leaves_out_is_written_out(
    monkeypatch: pytest.MonkeyPatch, url: str, complete: str
) -> None:
    """Some drivers demand user, password and host. Writing out twice changes nothing."""
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)
    assert Warehouse(url).url == complete
    assert Warehouse(complete).url == complete


def test_an_unreadable_server_url_is_told_without_the_password() -> None:
    """With how such a URL is written; the driver's own words would show the whole URL."""
    secret = "%".join(["sec", "ret"])
    with pytest.raises(WarehouseError, match="write postgresql://<user>") as caught:
        Warehouse(f"postgresql://ann:{secret}@db.example/sales")
    assert secret not in "".join(traceback.format_exception(caught.value))


_WITHOUT_DRIVER = """
import sys
sys.modules["adbc_driver_postgresql"] = None
from salesloft_pipeline.cli import main
main(["sync", "--only", "team"])
"""


def test_without_its_driver_postgres_is_refused(tmp_path: Path) -> None:
    """dlt would load row by row, and say nothing; we say which package is missing, and go no further."""
    environment = {"WAREHOUSE_URL": "postgresql://nobody@127.0.0.1:9/nowhere", "SALESLOFT_API_KEY": "ak_none"}
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_DRIVER], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "pip install adbc-driver-postgresql" in done.stderr
    assert "Traceback" not in done.stderr


def test_compaction_leaves_no_byte_of_what_was_deleted(warehouse: Warehouse) -> None:
    """The same tables, keys, views, comments and rows; on DuckDB no file holds the deleted text any more."""
    with warehouse.transaction() as sql:
        sql.execute('create table place.t (id bigint primary key, "order" text not null)')
        sql.execute("comment on table place.t is 'One row per thing.'")
        sql.execute('create view place.v as select "order" from place.t')
        for number in range(100):
            sql.execute("insert into place.t values ($1, $2)", (number, f"whitney-{number}"))
        sql.execute(
            "create table place.emptied as select name from (values ('whitney-77'), ('whitney-77')) as v (name)"
        )
    for table in ("place.t", "place.emptied"):
        warehouse.execute(f"analyze {table}")
    warehouse.execute("delete from place.t where id > 0")
    warehouse.execute("delete from place.emptied")
    warehouse.compact(["place"])
    assert warehouse.query('select id, "order" from place.t') == [(0, "whitney-0")]
    assert warehouse.query("select * from place.v") == [("whitney-0",)]
    with pytest.raises((duckdb.Error, psycopg.Error), match=r"[Dd]uplicate key"):
        warehouse.execute("insert into place.t values (0, 'again')")
    if warehouse.dialect == "postgres":
        notes = warehouse.query("select * from pg_stats where schemaname = 'place'")
        assert notes
        assert "whitney-77" not in str(notes)
    if warehouse.path:
        comments = warehouse.query("select comment from duckdb_tables() where comment is not null")
        assert comments == [("One row per thing.",)]
        assert [each.name for each in warehouse.path.parent.iterdir()] == [warehouse.path.name]
        assert b"whitney-77" not in warehouse.path.read_bytes()


def test_a_compaction_that_dies_leaves_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the copy takes the file's place, the file is as it was; the next compaction clears the copy away."""
    warehouse = Warehouse(f"duckdb:///{file}")
    warehouse.execute("create table t as select 1 as id")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            warehouse.compact([])
    assert warehouse.query("select id from t") == [(1,)]
    warehouse.compact([])
    assert warehouse.query("select id from t") == [(1,)]
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_the_log_beside_the_file_is_for_the_same_readers(file: Path, mode: int) -> None:
    """What was committed lies in the log until it is moved into the file: whoever may not read one reads neither."""
    warehouse = Warehouse(f"duckdb:///{file}")
    with warehouse.kept_open():
        warehouse.execute("create table t (name text)")
        file.chmod(mode)
        warehouse.execute("insert into t values ('Ada')")
        assert {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()} == {
            file.name: mode,
            f"{file.name}.wal": mode,
        }
