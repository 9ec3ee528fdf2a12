"""The sorted index behind every page."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesloft_pipeline.simulator.team import order as order_module
from salesloft_pipeline.simulator.team.order import Order
from salesloft_pipeline.simulator.team.table import Table

from .conftest import ask, make_world


@settings(max_examples=60)
@given(
    keys=st.lists(st.integers(0, 20), max_size=40),
    moves=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 20)), max_size=60),
    bound=st.integers(-1, 21),
    start=st.integers(0, 50),
    length=st.integers(0, 50),
)
def test_the_index_agrees_with_sorting_everything_again(
    keys: list[int], moves: list[tuple[int, int]], bound: int, start: int, length: int
) -> None:
    """Whatever moves where: positions, slices and searches are those of a freshly sorted list."""
    column = np.array(keys, dtype=np.int64)
    before, order_module.BLOCK = order_module.BLOCK, 3
    try:
        order = Order(lambda: column, np.arange(len(keys), dtype=np.int32))
        for row, key in moves:
            if row < len(keys):
                order.drop(row)
                column[row] = key
                order.add(row)
    finally:
        order_module.BLOCK = before
    expected = sorted(range(len(keys)), key=lambda row: (column[row], row))
    plain = [int(column[row]) for row in expected]
    assert len(order) == len(expected)
    assert order.cut(start, start + length).tolist() == expected[start : start + length]
    assert order.below(bound) == bisect_left(plain, bound)
    assert order.below(bound, inclusive=True) == bisect_right(plain, bound)


def test_dropping_a_row_after_its_key_changed_is_an_error() -> None:
    """A wrong order of operations is told, not hidden."""
    column = np.arange(100)
    order = Order(lambda: column, np.arange(100, dtype=np.int32))
    column[30] = 90
    with pytest.raises(KeyError, match="drop it before"):
        order.drop(30)


def test_a_page_of_a_long_list_reads_a_few_blocks_and_renders_its_own_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cheap by structure: no page sorts again, and none renders more than it shows, whatever the length."""
    world = make_world(people=400, emails=9_000)
    filters = "per_page=100&sort_direction=ASC&updated_at[gte]=2026-10-20T00:00:00Z"
    world.touch("emails", ask(world, "/activities/emails", filters).ids[:1])
    built: list[int] = []
    rendered: list[int] = []
    read: list[int] = []
    build, records, cut = Order.__init__, Table.records, Order.cut

    def counted_cut(self: Order, start: int, stop: int) -> Any:
        read.append(
            sum(end > start and end - len(b) < stop for b, end in zip(self.blocks, self.ends, strict=True))
        )
        return cut(self, start, stop)

    monkeypatch.setattr(
        Order, "__init__", lambda self, keys, rows: built.append(len(rows)) or build(self, keys, rows)
    )
    monkeypatch.setattr(
        Table, "records", lambda self, rows: rendered.append(len(rows)) or records(self, rows)
    )
    monkeypatch.setattr(Order, "cut", counted_cut)
    for _ in range(5):
        got = ask(world, "/activities/emails", filters)
        world.touch("emails", got.ids[:3])
    assert [count for count in built if count > 200] == []
    assert rendered == [100] * 5
    assert max(read) <= 2
