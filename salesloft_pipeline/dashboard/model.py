"""What the page holds: counts by week, rep, team and cadence, read from the serving copy, and the names of all these.

    queries/*.sql  ->  a table each: columns, rows  ->  cut down to what a browser bears  ->  a dict for JSON

Every row carries the week and the keys that the filters ask for, so that each panel can obey each of them. No name
or address of a person outside the team is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from salesloft_pipeline.warehouse import Sql, Warehouse

LONGEST_WEEKS = 52
MOST_ROWS = 100_000
MOST_CADENCES = 30
OTHER = -2
_QUERIES = Path(__file__).parent / "queries"
# What a row is of; all other columns are counts, and add up.
_KEYS = {"week", "rep", "team", "cadence", "step", "disposition", "hour", "tenths", "day", "tier"}
_NAMES = {
    "rep": "select user_id, user_name from mart.dim_user",
    "team": "select group_id, min_by(group_name, valid_from) from mart.dim_user_history group by 1",
    "cadence": "select cadence_id, cadence_name from mart.dim_cadence",
    "step": "select step_id, step_name, step_order from mart.dim_step",
}


@dataclass
class Table:
    """Rows of one query: its columns by name, and one tuple a row."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def keyed(self, name: str) -> int | None:
        """The place of a column, None where there is no such."""
        return self.columns.index(name) if name in self.columns else None


@dataclass
class Model:
    """The page's content, and what had to be left out of it."""

    info: dict[str, Any]
    tables: dict[str, Table]
    names: dict[str, dict[int, list[Any]]]
    left_out: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(len(table.rows) for table in self.tables.values())

    def as_json(self) -> dict[str, Any]:
        """The same content gives the same dict, in the same order."""
        return {
            "info": {**self.info, "left_out": self.left_out},
            "names": self.names,
            "tables": {
                name: {"columns": table.columns, "rows": table.rows} for name, table in self.tables.items()
            },
        }


def read(copy: Warehouse, most_rows: int = MOST_ROWS) -> Model:
    """The content, of `most_rows` rows at most: else small cadences become "Other", then old weeks are left out."""
    with copy.transaction() as sql:
        info = _info(sql)
        monday = date.fromisoformat(info["week"])
        since = monday - timedelta(weeks=LONGEST_WEEKS - 1)
        tables = {path.stem: _table(sql, path, since, info["day"]) for path in sorted(_QUERIES.glob("*.sql"))}
        named = {kind: {row[0]: list(row[1:]) for row in sql.query(query)} for kind, query in _NAMES.items()}
    model = Model(info, tables, {})
    if model.size > most_rows:
        _fold_cadences(model)
    if model.size > most_rows:
        _leave_out_weeks(model, most_rows)
    named["cadence"][OTHER] = ["Other cadences"]
    model.names = {kind: _used(model, kind, names) for kind, names in named.items()}
    return model


def _info(sql: Sql) -> dict[str, Any]:
    ((build_id, as_of, day, zone),) = sql.query(
        "select build_id, as_of, as_of_date, reporting_time_zone from mart.build_info"
    )
    monday = day - timedelta(days=day.weekday())
    return {
        "build_id": build_id,
        "as_of": as_of.isoformat(timespec="seconds"),
        "day": day.isoformat(),
        "week": monday.isoformat(),
        "time_zone": zone,
    }


def _table(sql: Sql, path: Path, since: date, until: str) -> Table:
    text = path.read_text(encoding="utf-8")
    text = text.replace(":since", f"date '{since}'").replace(":until", f"date '{until}'")
    described = sql.query(f"describe {text.partition(chr(10))[2]}")
    rows = [tuple(map(_plain, row)) for row in sql.query(text)]
    return Table([name for name, *_ in described], rows)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return value if isinstance(value, str) else int(value)


def _fold_cadences(model: Model) -> None:
    """Keep the cadences with most touches, and make one of all others; what is outside of cadences stays so."""
    work = model.tables["work"]
    cadence, touches = work.columns.index("cadence"), work.columns.index("touches")
    counted: Counter[int] = Counter()
    for row in work.rows:
        counted[row[cadence]] += row[touches]
    kept = {-1, *(number for number, _ in counted.most_common(MOST_CADENCES))}
    for name, table in model.tables.items():
        model.tables[name] = _summed(table, kept)
    model.left_out.append(f"all but the {MOST_CADENCES} busiest cadences are shown as Other cadences")


def _summed(table: Table, kept: set[int]) -> Table:
    cadence, step = table.keyed("cadence"), table.keyed("step")
    if cadence is None:
        return table
    split = sum(column in _KEYS for column in table.columns)
    sums: dict[tuple[Any, ...], list[int]] = {}
    for row in table.rows:
        key = list(row[:split])
        if key[cadence] not in kept:
            key[cadence] = OTHER
            if step is not None:
                key[step] = -1
        found = sums.setdefault(tuple(key), [0] * (len(row) - split))
        for place, count in enumerate(row[split:]):
            found[place] += count
    return Table(table.columns, [(*key, *counts) for key, counts in sorted(sums.items())])


def _leave_out_weeks(model: Model, most_rows: int) -> None:
    dated = [table for table in model.tables.values() if table.keyed("week") is not None]
    by_week = Counter(row[table.columns.index("week")] for table in dated for row in table.rows)
    room, first = most_rows - (model.size - sum(by_week.values())), ""
    for week in sorted(by_week, reverse=True):
        room -= by_week[week]
        # This week stays, whatever it weighs: a page about nothing helps nobody.
        if room < 0 and first:
            break
        first = week
    for table in dated:
        place = table.columns.index("week")
        table.rows = [row for row in table.rows if row[place] >= first]
    model.left_out.append(f"weeks before {first} are left out")


def _used(model: Model, kind: str, names: dict[int, list[Any]]) -> dict[int, list[Any]]:
    """The names that the rows speak of, and no others."""
    used = {number for table in model.tables.values() for number in _column(table, kind)}
    return {number: names.get(number, [f"{kind} {number}"]) for number in sorted(used)}


def _column(table: Table, name: str) -> Iterable[int]:
    place = table.keyed(name)
    return () if place is None else {row[place] for row in table.rows}
