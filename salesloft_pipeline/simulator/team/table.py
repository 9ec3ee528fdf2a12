"""Columns of a resource as arrays: about a hundred bytes per record, rendered to JSON only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .chance import Ints, scramble
from .hours import NEVER
from .order import Order, Rows

# Distances between neighbouring ids.
GAPS = np.array([1 + scramble(i) % 9 for i in range(997)], dtype=np.int64)
# Up to this many ids are looked up one by one.
FEW = 200
# Is told the table, what happened ("created", "deleted", or the columns that were set), and to which rows.
Listener = Callable[[str, Iterable[str], Rows], None]
# kind in schema.py -> (numpy type, value of a column that was not given)
KINDS: dict[str, tuple[Any, Any]] = {
    "time": (np.int64, NEVER),
    "number": (np.int64, -1),
    "row": (np.int32, -1),
    "count": (np.int32, 0),
    "code": (np.int16, -1),
    "flag": (np.bool_, False),
    "value": (object, None),
}


class Table:
    """One resource. Rows are numbered from 0 and never move; `gone` marks deleted ones.

    `columns` maps a column to its kind (see KINDS). Every table also has `id`, `gone`, `revision` (how
    often a record was changed for no particular reason), `created_at` and `updated_at`. A `listener` hears of
    every change once it is made.
    """

    def __init__(self, name: str, columns: dict[str, str]) -> None:
        self.name = name
        common = {
            "id": "number",
            "gone": "flag",
            "revision": "count",
            "created_at": "time",
            "updated_at": "time",
        }
        self.kinds = {**common, **columns}
        self.size = 0
        self.listener: Listener | None = None
        self._data = {column: np.empty(0, dtype=KINDS[kind][0]) for column, kind in self.kinds.items()}
        self._orders: dict[str, Order] = {}
        self._next_id = 1_000 + scramble(len(name) * 7919 + sum(name.encode())) % 90_000

    def __getitem__(self, column: str) -> npt.NDArray[Any]:
        """A column, writable, or `row` for the row numbers themselves."""
        if column == "row":
            return np.arange(self.size, dtype=np.int32)
        return self._data[column][: self.size]

    @property
    def alive(self) -> Rows:
        """The rows that have not been deleted."""
        return np.nonzero(~self["gone"])[0].astype(np.int32)

    def append(self, count: int, **values: Any) -> Rows:
        """Add `count` rows; a value is an array of that length or one value for all. Ids continue."""
        start, end = self.size, self.size + count
        self._grow(end)
        values.setdefault("id", self.new_ids(count))
        for column, kind in self.kinds.items():
            self._data[column][start:end] = values.pop(column, KINDS[kind][1])
        if values:
            raise KeyError(f"{self.name} has no columns {sorted(values)}")
        self.size = end
        rows = np.arange(start, end, dtype=np.int32)
        self._enter(rows)
        self._tell(("created",), rows)
        return rows

    def update(self, rows: Any, **values: Any) -> None:
        """Set columns of `rows` (each row at most once) and keep every index true."""
        rows = np.asarray(rows, dtype=np.int32)
        moving = {column: self._leave(column, rows) for column in values if column in self._orders}
        for column, value in values.items():
            self._data[column][rows] = value
        for column, few in moving.items():
            for row in few:
                self._orders[column].add(row)
        self._tell(values, rows)

    def delete(self, rows: Any) -> None:
        """Take `rows` out of every list."""
        rows = np.asarray(rows, dtype=np.int32)
        for column in list(self._orders):
            self._leave(column, rows)
        self._data["gone"][rows] = True
        self._tell(("deleted",), rows)

    def order(self, column: str) -> Order:
        """The living rows sorted by `column`; built at the first request, kept up to date from then on."""
        if column not in self._orders:
            self._orders[column] = Order(lambda: self.comparable(column), self.alive)
        return self._orders[column]

    def comparable(self, column: str) -> npt.NDArray[Any]:
        """A column to sort by; texts only occur in small tables, where making them comparable costs nothing."""
        return self[column].astype(str) if self.kinds[column] == "value" else self[column]

    def row_of(self, id_: int) -> int | None:
        """The row of a living record."""
        return self.order("id").find(id_)

    def rows_of(self, ids: Sequence[int]) -> Rows:
        """The rows of the living records among `ids`, each once; unknown ids are left out."""
        if len(ids) > FEW:
            return self.alive[np.isin(self["id"][self.alive], ids)]
        found = {self.row_of(id_) for id_ in ids} - {None}
        return np.array(sorted(row for row in found if row is not None), dtype=np.int32)

    def records(self, rows: Rows) -> Iterator[dict[str, Any]]:
        """Plain Python values of each row, with `row` itself."""
        columns = {"row": rows.tolist()} | {name: self._data[name][rows].tolist() for name in self.kinds}
        names = tuple(columns)
        return (dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))

    def number_by(self, column: str) -> None:
        """Give out the ids again, ascending with `column`: records made in one batch look made in turn."""
        ids = np.sort(self["id"])
        self["id"][np.argsort(self[column], kind="stable")] = ids
        self._orders.pop("id", None)

    def new_ids(self, count: int) -> Ints:
        """Ascending, with gaps, as in a database shared with other teams."""
        ids = self._next_id + np.cumsum(np.take(GAPS, np.arange(count) + self._next_id, mode="wrap"))
        self._next_id = int(ids[-1]) if count else self._next_id
        return ids

    def _tell(self, what: Iterable[str], rows: Rows) -> None:
        if self.listener and len(rows):
            self.listener(self.name, what, rows)

    def _grow(self, needed: int) -> None:
        room = len(self._data["id"])
        if needed > room:
            for column, old in self._data.items():
                new = np.empty(max(needed, room * 5 // 4 + 64), dtype=old.dtype)
                new[: self.size] = old[: self.size]
                self._data[column] = new

    def _enter(self, rows: Rows) -> None:
        for column in list(self._orders):
            if self._many(rows):
                del self._orders[column]
            else:
                for row in rows.tolist():
                    self._orders[column].add(row)

    def _leave(self, column: str, rows: Rows) -> list[int]:
        """Take rows out of an index before their key changes; a large batch is cheaper to sort again."""
        if self._many(rows):
            del self._orders[column]
            return []
        few: list[int] = rows[~self["gone"][rows]].tolist()
        for row in few:
            self._orders[column].drop(row)
        return few

    def _many(self, rows: Rows) -> bool:
        return len(rows) > max(64, self.size // 100)
