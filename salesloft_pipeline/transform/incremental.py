"""Changes a mart in place: the kept tables by the rows that came and went below them (kept.py), others if any did.

    changed.<raw>      rows of new loads
    affected           keys, by the table's own select over what changed
    part.<source>      what belongs to these keys; the table's SQL over the parts gives their rows as they are now
    changed.<mart>     the rows that this took away or brought, for the tables above

All of it in temporary tables, inside the transaction of the build.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

from salesloft_pipeline.transform import seen
from salesloft_pipeline.transform.kept import KEPT, Kept
from salesloft_pipeline.transform.marts import SCHEMA, Mart
from salesloft_pipeline.warehouse import Sql

# Above this share of its rows a table is sooner made anew; and so is the mart, of raw rows to emails.
MANY = 0.2

_TEMPORARY = re.compile(r"\b(changed|part)\.(\w+)")
_WATCHED = frozenset(
    name for kept in KEPT.values() for kind, name in _TEMPORARY.findall(kept.affected) if kind == "changed"
)


class Changes:
    """What changed since the last build, of raw tables at first, then of each table that is done.

    `resolve` puts the places of tables and the values of a build into SQL. `analyzed`: the engine has to be told the
    size of a table before it plans well with it.
    """

    def __init__(self, sql: Sql, resolve: Callable[[str], str], *, analyzed: bool) -> None:
        self._sql, self._resolve, self._analyzed = sql, resolve, analyzed
        self._made: list[str] = []
        self._touched: set[str] = set()
        self._new = {source: self._note_loads(source) for source in seen.SOURCES}

    @property
    def are_many(self) -> bool:
        """Is a whole build the shorter way?"""
        new_rows = sum(rows for source, rows in self._new.items() if source.rpartition(".")[2] in _WATCHED)
        return new_rows > MANY * max(1, self._count("raw_salesloft.emails"))

    def touch(self, mart: Mart) -> bool:
        """May the rows of a table be others than after the last build? Of a view: does it depend on a table made anew."""
        timely = ":as_of" in mart.sql or (mart.name in KEPT and ":as_of" in KEPT[mart.name].affected)
        return mart.is_view or timely or not self._touched.isdisjoint(mart.upstream)

    def leave(self, mart: Mart) -> None:
        """A table stays as it is."""
        if mart.name in _WATCHED:
            self._hold(_local("changed", mart.name), f"select * from {SCHEMA}.{mart.name} where false")

    def renew(self, mart: Mart, kept: Kept) -> bool:
        """Make the affected rows of a kept table again. False, with nothing done, when they are too many."""
        table = f"{SCHEMA}.{mart.name}"
        self._hold("affected", f"select distinct key from ({kept.affected}) a(key) where key is not null")
        mine = f"where {kept.key} in (select key from affected)"
        if self._count(f"{table} {mine}") > MANY * self._count(table):
            return False
        query = mart.sql
        for source, condition in kept.parts.items():
            part = self._hold(_local("part", source), f"select * from {source} where {condition}")
            query = re.sub(rf"\b{re.escape(source)}\b", part, query)
        self._hold("earlier", f"select * from {table} {mine}")
        self._hold("renewed", f"select * from (\n{query}\n) r {mine}")
        changed = self._difference(mart, "earlier", "renewed")
        moved = f"where {kept.key} in (select {kept.key} from {changed})"
        self._sql.execute(self._resolve(f"delete from {table} {moved}"))
        self._sql.execute(self._resolve(f"insert into {table} select * from renewed {moved}"))
        return True

    @contextlib.contextmanager
    def noting(self, mart: Mart) -> Iterator[None]:
        """While a table is made anew: note what that changes, should another table want to know."""
        if mart.name not in _WATCHED:
            yield
            self._touched.add(f"{SCHEMA}.{mart.name}")
            return
        # Its old place may be the new one's.
        self._sql.execute(f"create temp table earlier_whole as select * from {SCHEMA}.{mart.name}")
        yield
        self._difference(mart, "earlier_whole", f"{SCHEMA}.{mart.name}")
        self._sql.execute("drop table earlier_whole")

    def close(self) -> None:
        """Drop the temporary tables."""
        for name in self._made:
            self._sql.execute(f"drop table {name}")

    def _note_loads(self, source: str) -> int:
        # Of most lists it matters only whether there are new rows, and a list that was read whole has nothing else.
        new = f"{source} where {seen.is_new(source)}"
        watched = source.rpartition(".")[2] in _WATCHED
        return self._note(
            source, self._hold(_local("changed", source), f"select * from {new}") if watched else new
        )

    def _note(self, table: str, changed: str) -> int:
        if rows := self._count(changed):
            self._touched.add(table)
        return rows

    def _difference(self, mart: Mart, before: str, after: str) -> str:
        gone = f"(select * from {before} except select * from {after})"
        come = f"(select * from {after} except select * from {before})"
        changed = self._hold(_local("changed", mart.name), f"{gone} union all {come}")
        self._note(f"{SCHEMA}.{mart.name}", changed)
        return changed

    def _hold(self, name: str, query: str) -> str:
        """Make a temporary table out of a query, in place of one of this name."""
        if name in self._made:
            self._sql.execute(f"drop table {name}")
        else:
            self._made.append(name)
        text = _TEMPORARY.sub(lambda found: _local(*found.groups()), query)
        self._sql.execute(f"create temp table {name} as {self._resolve(text)}")
        if self._analyzed:
            self._sql.execute(f"analyze {name}")
        return name

    def _count(self, rows: str) -> int:
        ((count,),) = self._sql.query(self._resolve(f"select count(*) from {rows}"))
        return int(count)


def _local(kind: str, source: str) -> str:
    return f"{kind}_{source.rpartition('.')[2]}"
