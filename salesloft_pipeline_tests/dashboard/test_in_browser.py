"""The page in a browser: its numbers under every filter are those of SQL. Skipped where no Chromium is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from salesloft_pipeline.dashboard import build_dashboard
from salesloft_pipeline.transform.serving import serving_copy
from salesloft_pipeline_tests.dashboard.questions import DRAWN, QUESTIONS, STACKED, asked

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here: install chromium to run the page's own code"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=5000",
    "--dump-dom",
]
MONDAYS = {4: "2026-10-26", 8: "2026-09-28", 13: "2026-08-24"}
Seen = dict[str, list[str]]


class _Reader(HTMLParser):
    """Collects the values shown, by the tile or panel that shows them; apart those drawn, and those of each week."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Seen = {}
        self._place = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if re.match(r"(tile|panel)-", found.get("id") or ""):
            self._place = str(found["id"])
        if "data-value" in found:
            place = f"{self._place} drawn" if tag in {"circle", "rect"} else self._place
            self.seen.setdefault(place, []).append(str(found["data-value"]))
        if "data-values" in found:
            self.seen[f"{self._place} by week"] = str(found["data-values"]).split(",")


@pytest.fixture
def shown(served: Path, tmp_path: Path) -> Callable[[str], Seen]:
    """What the page shows under a filter, given as the part of its address after #."""
    page = build_dashboard(serving_copy(served), served)
    return lambda fragment: read(dom(page, fragment, tmp_path))


def dom(page: Path, fragment: str, folder: Path) -> str:
    assert CHROMIUM
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder}/profile", f"{page.as_uri()}#{fragment}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def read(text: str) -> Seen:
    reader = _Reader()
    reader.feed(text)
    return reader.seen


@pytest.mark.parametrize(
    "fragment", ["weeks=13", "rep=7&team=2&weeks=4", "cadence=10&weeks=8", "team=1&rep=8&cadence=-1&weeks=13"]
)
def test_each_panel_obeys_each_filter(shown: Callable[[str], Seen], served: Path, fragment: str) -> None:
    """Tiles, panels and what they draw say what SQL says of the same weeks, rep, team and cadence."""
    seen, copy = shown(fragment), serving_copy(served)
    told = dict(parse_qsl(fragment))
    since = MONDAYS[int(told.pop("weeks"))]
    for place, query in QUESTIONS.items():
        rows = [list(_flat(row)) for row in copy.query(asked(query, since, told))]
        expected = [value for row in rows for value in row]
        assert list(map(_number, seen.get(place, []))) == pytest.approx(expected, nan_ok=True), place
        if place in DRAWN:
            layers = zip(*(row[slice(*DRAWN[place])] for row in rows if row[0] != "All"), strict=True)
            drawn = [
                value
                for layer in layers
                for value in layer
                if value is not None and (value or place not in STACKED)
            ]
            assert list(map(_number, seen.get(f"{place} drawn", []))) == pytest.approx(drawn), place


def _flat(found: Any) -> Iterator[Any]:
    """What is in a row, also in its lists and records."""
    inner = found.values() if isinstance(found, dict) else found if isinstance(found, list | tuple) else None
    yield from [found] if inner is None else chain.from_iterable(map(_flat, inner))


def _number(text: str) -> Any:
    if text == "null":
        return None
    return float(text) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", text) else text


def test_hostile_names_make_no_elements(served: Path, tmp_path: Path) -> None:
    """What the names would be as markup is nowhere in the page that the browser made of it."""
    text = dom(build_dashboard(serving_copy(served), served), "cadence=10", tmp_path)
    without_code = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "onerror=alert(1)&gt;" in without_code
    assert "<img" not in without_code


def test_an_empty_page_says_so(served_empty: Path, tmp_path: Path) -> None:
    """No panel, no error: a sentence."""
    text = dom(build_dashboard(serving_copy(served_empty), served_empty), "", tmp_path)
    assert re.search(r'<main[^>]*><p class="empty">The warehouse holds no activity yet', text)
