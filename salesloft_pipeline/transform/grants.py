"""Who may read the mart on Postgres. A build makes tables anew, so it gives their grants anew too."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TypeAlias

from salesloft_pipeline.transform.marts import SCHEMA
from salesloft_pipeline.warehouse import Sql, quote

READER = "salesloft_reader"
# Personal data: to be granted by hand, by whoever answers for it.
_APART = "_pii"

Grant: TypeAlias = tuple[str, str, str]


def grants_held(sql: Sql) -> list[Grant]:
    """What others may do with our tables: (table, role, privilege)."""
    return [
        (table, role, privilege)
        for table, role, privilege in sql.query(
            "select table_name, grantee, privilege_type from information_schema.table_privileges "
            "where table_schema = $1 and grantor = current_user and grantee <> current_user",
            [SCHEMA],
        )
    ]


def grant_again(sql: Sql, grants: Sequence[Grant], tables: Container[str]) -> None:
    """Give those of the grants that are about these tables."""
    for table, role, privilege in grants:
        if table in tables:
            to = "public" if role == "PUBLIC" else quote(role)
            sql.execute(f"grant {privilege} on {SCHEMA}.{quote(table)} to {to}")


def admit_reader(sql: Sql) -> None:
    """Where the role `salesloft_reader` exists, let it read every table of ours but those of personal data."""
    if not sql.query("select 1 from pg_roles where rolname = $1", [READER]):
        return
    sql.execute(f"grant usage on schema {SCHEMA} to {READER}")
    ours = sql.query(
        "select relname from pg_class where relnamespace = to_regnamespace($1) and relkind in ('r', 'v') "
        "and pg_get_userbyid(relowner) = current_user",
        [SCHEMA],
    )
    for (table,) in ours:
        if not table.endswith(_APART):
            sql.execute(f"grant select on {SCHEMA}.{quote(table)} to {READER}")
