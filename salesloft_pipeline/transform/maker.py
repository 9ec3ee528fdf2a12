"""Makes the mart's tables one after the other, each in the way it is made: anew, in part, or by today's rows.

a table, a view          ->  created in the schema of the build
a kept table             ->  its affected rows replaced in `mart` (incremental.py), when the build is not whole
a table that only grows  ->  today's rows appended in `mart` (append.py)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from salesloft_pipeline.transform.append import append
from salesloft_pipeline.transform.incremental import Changes
from salesloft_pipeline.transform.kept import KEPT
from salesloft_pipeline.transform.marts import SCHEMA, Mart
from salesloft_pipeline.transform.statements import instant
from salesloft_pipeline.warehouse import Sql


class Maker:
    """One build's tables. `schema`: where they are made; `values`: what stands for `:as_of` and the like in SQL.

    `growing`: the names of the tables that are appended to. `staying`: of all that stay in `mart` while it is built.
    """

    def __init__(
        self, sql: Sql, schema: str, values: Mapping[str, str], marts: Sequence[Mart], *, a_new_day: bool
    ) -> None:
        self.marts = tuple(marts)
        self.growing = {mart.name for mart in marts if mart.appended}
        self.staying = set(self.growing)
        self._sql, self._schema, self._values, self._a_new_day = sql, schema, dict(values), a_new_day
        # Postgres plans the next tables badly without knowing the size of this one; DuckDB knows.
        self._analyzed = schema != SCHEMA
        self._changes: Changes | None = None

    @property
    def whole(self) -> bool:
        """Is everything made anew?"""
        return self._changes is None

    def keep(self, last_as_of: datetime) -> None:
        """Only change the kept tables in place, by what was loaded since the build of `last_as_of`, unless that is much."""
        self._values["as_of_before"] = instant(last_as_of)
        changes = Changes(self._sql, self.resolve, analyzed=self._analyzed)
        if changes.are_many:
            changes.close()
        else:
            self._changes = changes
            self.staying |= KEPT.keys()

    def close(self) -> None:
        """Leave nothing behind but the tables."""
        if self._changes:
            self._changes.close()

    def make(self, mart: Mart) -> int:
        """Make one table or view; how many rows it has."""
        if mart.appended:
            append(self._sql, mart, self.resolve(mart.sql), due=self._a_new_day)
        elif self._changes is None:
            self._create(mart)
        else:
            self._renew(mart, self._changes)
        ((rows,),) = self._sql.query(f"select count(*) from {self.place(mart.name)}")
        return int(rows)

    def _renew(self, mart: Mart, changes: Changes) -> None:
        if not changes.touch(mart):
            self.staying.add(mart.name)
            changes.leave(mart)
        elif mart.name not in KEPT or not changes.renew(mart, KEPT[mart.name]):
            self.staying.discard(mart.name)
            with changes.noting(mart):
                self._create(mart)

    def _create(self, mart: Mart) -> None:
        what, place = "view" if mart.is_view else "table", self.place(mart.name)
        self._sql.execute(f"drop {what} if exists {place}")
        self._sql.execute(f"create {what} {place} as\n{self.resolve(mart.sql)}")
        if self._analyzed and not mart.is_view:
            self._sql.execute(f"analyze {place}")

    def place(self, name: str) -> str:
        """The address of a table while the mart is being built."""
        return f"{SCHEMA if name in self.staying else self._schema}.{name}"

    def is_new(self, name: str) -> bool:
        """Was a table made anew, or may it have been?"""
        return name in self.growing or name not in self.staying

    def resolve(self, text: str) -> str:
        """SQL with the places of the tables of `mart`, and with the values of this build."""
        placed = re.sub(rf"\b{SCHEMA}\.(\w+)", lambda found: self.place(found[1]), text)
        return re.sub(r"(?<!:):([a-z_]+)\b", lambda found: self._values.get(found[1], found[0]), placed)
