"""What should be: the rows of a model's source, read, checked and typed before anything is compared.

query | table | CSV | Parquet  ->  data frame  ->  Desired rows, and what is wrong with the others, by row and field
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from salesloft_pipeline.reverse_sync.errors import DesiredError, LookupFailed, ModelError, Problem
from salesloft_pipeline.reverse_sync.fields import BadValue, Read, flag, is_empty, reader, whole
from salesloft_pipeline.reverse_sync.model import Model
from salesloft_pipeline.warehouse import Warehouse, WarehouseError, quote

Key = int | str


@dataclass(frozen=True, slots=True)
class Desired:
    """One row: its number from 1, whom it means, and the fields it says something of (an empty cell says nothing).

    changed_at in UTC. consent, eu_resident: None where the row does not tell.
    """

    row: int
    key: Key
    values: dict[str, Any]
    changed_at: datetime | None = None
    consent: bool | None = None
    eu_resident: bool | None = None


@dataclass(frozen=True)
class Source:
    """The rows that are right, and what is wrong with the others: types, empty keys, keys of an earlier row."""

    rows: list[Desired]
    wrong: tuple[Problem, ...] = ()


def read_desired(model: Model, warehouse: Warehouse, user: Callable[[str], int] | None = None) -> Source:
    """All rows of the model's source. user: the id of a user by address; asked only for an owner who is given so.

    Raises ModelError for a source or column that is not there; DesiredError where not one row is right;
    WarehouseError; what `user` raises, but not LookupFailed: that is a wrong row.
    """
    frame = _frame(model, warehouse)
    wanted = [model.key_column, *(mapped.column for mapped in model.fields)]
    wanted += [column for column in (model.changed_at, model.consent, model.eu_resident) if column]
    if missing := [column for column in dict.fromkeys(wanted) if column not in frame.columns]:
        raise ModelError(f"the source of model {model.name} has no column {', '.join(missing)}")
    problems: list[Problem] = []
    rows = list(_once(model, _rows(model, frame, problems, user), problems))
    problems.sort(key=lambda problem: problem.row)
    if problems and not rows:
        raise DesiredError(f"the source of model {model.name}", problems)
    return Source(rows, tuple(problems))


def _frame(model: Model, warehouse: Warehouse) -> pd.DataFrame:
    kind, text = model.source
    if kind == "file":
        return _file(Path(text))
    if kind == "table":
        text = f"select * from {'.'.join(quote(part) for part in text.split('.'))}"
    try:
        return warehouse.frame(text)
    except WarehouseError:
        raise
    except Exception as error:
        # What an engine says may repeat a value.
        raise ModelError(
            f"the {kind} of model {model.name} cannot be read ({type(error).__name__}): try it in a SQL client"
        ) from None


def _file(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        # As text, so that a telephone number or an id keeps its zeros.
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise ModelError(f"there is no file {path}: correct `source` in the model") from None
    except ValueError as error:  # which the parsers' own errors are
        raise ModelError(
            f"the file {path} cannot be read as {path.suffix or 'CSV'}: {type(error).__name__}"
        ) from error


def match_key(match: str, value: Any) -> Key:
    """A key as it is compared: an id as a number, an address in lower case. Raises BadValue."""
    if match == "id":
        return whole(value)
    read = reader(match)
    assert read is not None
    text = str(read(value))
    return text.lower() if match == "email_address" else text


def _instant(value: Any) -> datetime:
    instant = pd.Timestamp(value)
    return (instant.tz_localize(UTC) if instant.tzinfo is None else instant.tz_convert(UTC)).to_pydatetime()


def _rows(
    model: Model, frame: pd.DataFrame, problems: list[Problem], user: Callable[[str], int] | None
) -> Iterator[Desired]:
    """The rows that are right; what is wrong with the others is added to `problems`."""

    def column(name: str, read: Read) -> tuple[list[Any], Read]:
        return frame[name].tolist(), read

    fields = {each.field: column(each.column, _reader(each.field, user)) for each in model.fields}
    named = {"changed_at": (model.changed_at, _instant), "consent": (model.consent, flag)}
    named |= {"eu_resident": (model.eu_resident, flag)}
    extras = {name: column(source, read) for name, (source, read) in named.items() if source}

    def told(row: int, field: str, read: Read, cell: Any) -> Any:
        if is_empty(cell) or cell is pd.NaT or cell is pd.NA:
            return None
        try:
            return read(cell)
        except (ValueError, TypeError) as error:
            # Other errors than ours may repeat the value.
            what = str(error) if isinstance(error, BadValue) else "is no point in time"
            problems.append(Problem(row, field, what))
            return None

    for row, cell in enumerate(frame[model.key_column].tolist(), 1):
        before = len(problems)
        key = told(row, model.match, lambda value: match_key(model.match, value), cell)
        if key is None and len(problems) == before:
            problems.append(Problem(row, model.match, "is empty, so nobody knows whom the row means"))
        values = {field: told(row, field, read, cells[row - 1]) for field, (cells, read) in fields.items()}
        more = {name: told(row, name, read, cells[row - 1]) for name, (cells, read) in extras.items()}
        if len(problems) == before:
            yield Desired(row, key, {f: value for f, value in values.items() if value is not None}, **more)


def _reader(field: str, user: Callable[[str], int] | None) -> Read:
    """How a cell of this field is read; an owner may be given by the address of the user."""
    read = reader(field) or str
    if field != "owner_id" or user is None:
        return read

    def owner(value: Any) -> Any:
        if not isinstance(value, str) or "@" not in value:
            return read(value)
        try:
            return user(value.strip())
        except LookupFailed:
            raise BadValue("is the address of no user, or of several") from None

    return owner


def _once(model: Model, rows: Iterable[Desired], problems: list[Problem]) -> Iterator[Desired]:
    """The first row of each key; a later one is added to `problems`."""
    first: dict[Key, int] = {}
    for row in rows:
        if (earlier := first.setdefault(row.key, row.row)) == row.row:
            yield row
        else:
            what = f"is the same as in row {earlier}: a person has one row"
            problems.append(Problem(row.row, model.match, what))
