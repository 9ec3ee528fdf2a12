"""A table as an Excel workbook: one sheet, a header that stays, a filter on each column.

Text stays text, whatever it begins with: a cadence called `=HYPERLINK(...)` is shown and not run. Times are UTC, and
lose the zone that Excel does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

# What a sheet holds, its header included; and a cell.
MOST_ROWS = 1_048_576
_LONGEST_TEXT = 32_767
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
_WIDTHS = (10, 32)


def write_workbook(
    path: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], made_at: datetime
) -> None:
    """Write the rows under their columns, one after the other. The same rows and `made_at`, of UTC, give the same bytes.

    The rows have to fit: fewer than MOST_ROWS.
    """
    # As much as pandas' half to import, and few exports are of this form.
    import xlsxwriter

    with xlsxwriter.Workbook(path, _OPTIONS) as book:
        book.set_properties({"created": made_at.replace(tzinfo=None), "title": name})
        sheet = book.add_worksheet(name[:31])
        bold, instant = (
            book.add_format({"bold": True}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, min(max(len(column) + 4, _WIDTHS[0]), _WIDTHS[1]))
            sheet.write_string(0, place, column, bold)
        line = 0
        for line, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                sheet.write(line, place, _cell(value), *([instant] if isinstance(value, datetime) else []))
        sheet.autofilter(0, 0, line, len(columns) - 1)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dict | list):
        value = json.dumps(value)
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return value[: _LONGEST_TEXT - 3] + "..."
    return (
        value
        if isinstance(value, str | int | float) or value is None or hasattr(value, "year")
        else str(value)
    )
