"""Who may read what on Postgres, from build to build."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from salesloft_pipeline.transform import build
from salesloft_pipeline.transform.grants import READER
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.postgres import Server
from salesloft_pipeline_tests.transform.rows import NEW_YORK
from salesloft_pipeline_tests.transform.test_build import NOW

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


@contextlib.contextmanager
def role(server: Server, warehouse: Warehouse, name: str) -> Iterator[str]:
    """A role for the test's duration. Roles are the server's, so one that others use or that was there stays."""
    there = bool(warehouse.query("select 1 from pg_roles where rolname = $1", [name]))
    if not there:
        with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            server.execute(f"create role {name}")
    yield name
    warehouse.execute(f"drop owned by {name}")
    if not there:
        with contextlib.suppress(psycopg.errors.DependentObjectsStillExist, psycopg.errors.UndefinedObject):
            server.execute(f"drop role {name}")


def may_read(warehouse: Warehouse, name: str, table: str) -> bool:
    """Can this role read the table?"""
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege), warehouse.transaction() as sql:
        sql.execute(f"set local role {name}")
        sql.query(f"select * from {table} limit 1")
        return True
    return False


def test_grants_outlive_a_build(built_warehouse: Warehouse, postgres_server: Server) -> None:
    """Who could read a table before the build can read it after, and nothing more."""
    with role(postgres_server, built_warehouse, f"mart_tester_{uuid4().hex}") as tester:
        built_warehouse.execute(f"grant usage on schema mart to {tester}")
        for table in ("daily_engagement", "dim_person_pii", "v_daily_engagement"):
            built_warehouse.execute(f"grant select on mart.{table} to {tester}")
        build(built_warehouse, NOW, NEW_YORK)
        held = built_warehouse.query(
            "select table_name, privilege_type from information_schema.table_privileges where grantee = $1",
            [tester],
        )
        assert set(held) == {
            (table, "SELECT") for table in ("daily_engagement", "dim_person_pii", "v_daily_engagement")
        }
        assert may_read(built_warehouse, tester, "mart.v_daily_engagement")


def test_the_reader_reads_the_mart_alone(built_warehouse: Warehouse, postgres_server: Server) -> None:
    """Every table of it, also one that is new, but no personal data, nothing raw, and it writes nothing."""
    with role(postgres_server, built_warehouse, READER):
        assert not may_read(built_warehouse, READER, "mart.daily_engagement")
        built_warehouse.execute("drop table mart.dim_date cascade")
        for _ in range(2):
            build(built_warehouse, NOW, NEW_YORK)
            mine = built_warehouse.tables("mart")
            read = {table for table in mine if may_read(built_warehouse, READER, f"mart.{table}")}
            assert (
                read == {table for table in mine if not table.endswith("_pii")} >= {"dim_date", "build_info"}
            )
            assert not may_read(built_warehouse, READER, "raw_salesloft.people")
            assert not may_read(built_warehouse, READER, "ops.sync_log")
            held = built_warehouse.query(
                "select distinct privilege_type from information_schema.table_privileges where grantee = $1",
                [READER],
            )
            assert held == [("SELECT",)]


def test_a_table_of_somebody_else_is_left_alone(built_warehouse: Warehouse, postgres_server: Server) -> None:
    """The build can grant nothing on it, and need not."""
    other = f"mart_tester_{uuid4().hex}"
    with role(postgres_server, built_warehouse, READER), role(postgres_server, built_warehouse, other):
        built_warehouse.execute("create table mart.notes_of_mine as select 1 as n")
        built_warehouse.execute(f"alter table mart.notes_of_mine owner to {other}")
        build(built_warehouse, NOW, NEW_YORK)
        assert not may_read(built_warehouse, READER, "mart.notes_of_mine")
