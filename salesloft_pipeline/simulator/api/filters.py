"""The filters a list may have: each turns the text of a query into a yes or no for every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from ..records.identity import Naming, rows_of
from ..team.hours import NEVER, instant
from ..team.order import Rows
from ..team.state import State
from ..team.table import Table

Mask = npt.NDArray[np.bool_]
OPERATORS = ("gt", "gte", "lt", "lte")


class BadValue(ValueError):
    """A filter was given a value it cannot mean."""


class BadTime(ValueError):
    """A range filter was given something that is no ISO-8601 timestamp."""


def read_time(text: str) -> int:
    """The instant of an ISO-8601 text; without an offset it is UTC. Raises BadTime."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadTime(f"{text!r} is not a timestamp") from error
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Range:
    """`name[gt|gte|lt|lte]=timestamp` over a time column, to the microsecond; or over a column of numbers."""

    column: str
    number: bool = False

    def bound(self, text: str) -> int:
        """The value to compare with. Raises BadTime or BadValue."""
        if not self.number:
            return read_time(text)
        if not text.isascii() or not text.isdigit():
            raise BadValue("must be a number")
        return int(text)

    def mask(self, table: Table, bounds: dict[str, int]) -> Mask:
        """Rows within all bounds; a row without a time is in no range."""
        keys = table[self.column]
        tests = {"gt": keys.__gt__, "gte": keys.__ge__, "lt": keys.__lt__, "lte": keys.__le__}
        inside = keys != NEVER
        for name, bound in bounds.items():
            inside = inside & tests[name](bound)
        return np.asarray(inside)


@dataclass(frozen=True)
class Since:
    """`name=timestamp`: what reaches this instant or lies behind it."""

    column: str

    def mask(self, _state: State, table: Table, values: list[str]) -> tuple[Mask, Any]:
        """Rows at or after the instant. Raises BadTime."""
        return np.asarray(table[self.column] >= read_time(values[-1])), values[-1]


@dataclass(frozen=True)
class Until:
    """`name=timestamp`: what began before this instant."""

    column: str

    def mask(self, _state: State, table: Table, values: list[str]) -> tuple[Mask, Any]:
        """Rows before the instant. Raises BadTime."""
        return np.asarray(table[self.column] < read_time(values[-1])), values[-1]


@dataclass(frozen=True)
class After:
    """`id[gt]=number`: the records behind the last one that was seen. It knows no other operator."""

    def mask(self, _state: State, table: Table, values: list[str]) -> tuple[Mask, Any]:
        """Rows with a greater id."""
        if not values or not values[-1].isdigit():
            raise BadValue("only supports [gt] with an integer")
        return np.asarray(table["id"] > int(values[-1])), {"gt": int(values[-1])}


@dataclass(frozen=True)
class Flag:
    """`name=true|false`, answered by a function of the table."""

    test: Callable[[Table], Mask]

    def mask(self, _state: State, table: Table, values: list[str]) -> tuple[Mask, Any]:
        """Rows for which the test agrees with the last value, and that value as it is echoed."""
        value = values[-1]
        if value not in ("true", "false"):
            raise BadValue("must be true or false")
        wanted = value == "true"
        return np.asarray(self.test(table)) == wanted, wanted


@dataclass(frozen=True)
class OneOf:
    """`name[]=a&name[]=b`: numbers, words, or ids of another table; `_is_null` where nothing is set.

    `via` names the table that ids belong to (spelt as `naming` says), `words` the meaning of a code, `guids`
    that users are given by guid, `text` that the column holds the words themselves.
    """

    column: str
    via: str | None = None
    words: tuple[str, ...] = ()
    guids: bool = False
    text: bool = False
    naming: Naming = "number"

    def mask(self, state: State, table: Table, values: list[str]) -> tuple[Mask, Any]:
        """Rows with one of the values, and the values as they are echoed."""
        wanted = [self._key(state, value) for value in values]
        shown = [value if self._spelt or value == "_is_null" else int(value) for value in values]
        keys = table[self.column]
        if self.text:
            return np.array([key in wanted for key in keys.tolist()], dtype=bool), shown
        return np.isin(keys, [key for key in wanted if key is not None]), shown

    @property
    def _spelt(self) -> bool:
        return bool(self.words) or self.guids or self.text or self.naming != "number"

    def _key(self, state: State, value: str) -> Any:
        """What the column holds for `value`; None where no row can match."""
        if value == "_is_null":
            return None if self.text else -1
        if self.text:
            return value
        if self.words:
            if value not in self.words:
                raise BadValue(f"must be one of {', '.join(self.words)}")
            return self.words.index(value)
        if self.guids or self.naming != "number":
            rows = rows_of(state, self.via or "users", "guid", [value])
            return int(rows[0]) if len(rows) else None
        if not value.removeprefix("-").isdigit():
            raise BadValue("must be an integer")
        return state[self.via].row_of(int(value)) if self.via else int(value)


@dataclass(frozen=True)
class Ids:
    """`ids[]=a&ids[]=b`: the list shrinks to these records; the ones that are missing are simply missing."""

    naming: Naming = "number"

    def rows(self, state: State, table: Table, values: list[str]) -> tuple[Rows, Any]:
        """The rows with these ids, and the ids as they are echoed."""
        if self.naming != "number":
            return rows_of(state, table.name, self.naming, values), values
        if not all(value.isdigit() for value in values):
            raise BadValue("must be integers")
        return table.rows_of([int(value) for value in values]), [int(value) for value in values]


@dataclass(frozen=True)
class Shown:
    """`name[]=a&name[]=b`: what a record shows by `value_of`, in whatever case; nothing shown matches nothing."""

    value_of: Callable[[dict[str, Any]], Any]

    def mask(self, _state: State, table: Table, values: list[str]) -> tuple[Mask, Any]:
        """Rows that show one of the values, and the values as they are echoed."""
        wanted, alive = {value.lower() for value in values if value}, table.alive
        found = np.zeros(table.size, dtype=bool)
        found[alive] = [(self.value_of(record) or "").lower() in wanted for record in table.records(alive)]
        return found, values


Filter = Range | Since | Until | After | Flag | OneOf | Ids | Shown
