"""Who reads the serving copy fails at nothing, sees no half build, and holds up no publication."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from salesloft_pipeline.transform import serving
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import sized

# A process of its own, as a notebook is: opens the copy anew for each look, and looks as often as it is told.
_READER = """
import json, pathlib, sys
import duckdb
folder, seen = pathlib.Path(sys.argv[1]), []
def look():
    with duckdb.connect(folder / "salesloft.duckdb", read_only=True, config={"threads": 1}) as copy:
        seen.append(copy.execute(
            "select build_id, (select min(priority) from mart.dim_cadence), (select max(owner_user_id) from mart.dim_account),"
            " (select count(*) from mart.v_daily_engagement) from mart.build_info"
        ).fetchone())
        copy.execute("select count(*) from read_parquet($1)", [str(folder / "parquet" / "daily_engagement.parquet")]).fetchone()
look()
print("open", flush=True)
for line in sys.stdin:
    look()
print(json.dumps(seen))
"""


def test_many_readers_and_many_publications(built_file: Path, tmp_path: Path) -> None:
    """Every look of every reader sees all tables of one build, and builds in their order; every publication ends."""
    shutil.copyfile(built_file, tmp_path / "warehouse.duckdb")
    warehouse, folder = Warehouse(f"duckdb:///{tmp_path}/warehouse.duckdb"), tmp_path / "served"
    _next_build(warehouse, folder, 0)
    readers, publications = [_reader(folder) for _ in range(sized(4, 100))], sized(4, 50)
    try:
        for reader in readers:
            assert reader.stdout
            assert reader.stdout.readline() == "open\n", reader.stderr and reader.stderr.read()
        for number in range(1, publications + 1):
            for reader in readers:
                assert reader.stdin
                reader.stdin.write("look\n" * 2)
                reader.stdin.flush()
            _next_build(warehouse, folder, number)
    finally:
        ended = [(reader.communicate(timeout=300), reader.returncode) for reader in readers]
    assert [error for (_, error), code in ended if code] == []
    ((rows,),) = warehouse.query("select count(*) from mart.v_daily_engagement")
    # DuckDB draws a bar on the same line of output when a look takes long.
    looks = [json.loads(text.splitlines()[-1]) for (text, _), _ in ended]
    for seen in looks:
        assert len(seen) == 1 + 2 * publications
        numbers = [int(build) for build, *_ in seen]
        assert numbers == sorted(numbers)
        assert all(tables == [int(build), int(build), rows] for build, *tables in seen)
    assert len({build for seen in looks for build, *_ in seen}) > 1


def _reader(folder: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", _READER, str(folder)], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


def _next_build(warehouse: Warehouse, folder: Path, number: int) -> None:
    """A build that can be told by each of three tables, published."""
    with warehouse.transaction() as sql:
        sql.execute(f"update mart.build_info set build_id = '{number}'")
        sql.execute(f"update mart.dim_cadence set priority = {number}")
        sql.execute(f"update mart.dim_account set owner_user_id = {number}")
    serving.publish(warehouse, folder)
