"""How a report looks in each form: the same bytes, the red line, nothing fetched, nothing that a name can break."""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from salesloft_pipeline.report import NAMES, Health, Name, Report, markdown, write
from salesloft_pipeline.report.frames import Frames, read
from salesloft_pipeline.report.html import html
from salesloft_pipeline.report.slack import payload
from salesloft_pipeline.transform.serving import serving_copy
from salesloft_pipeline_tests.dashboard.conftest import HOSTILE
from salesloft_pipeline_tests.report.conftest import EAST, made

FAILED = Health(("Q02 of daily_engagement", "Q09 of daily_engagement"), (), 100)


class _Reader(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(report: Report) -> _Reader:
    reader = _Reader()
    reader.feed(html(report, lambda name: f"cid:{name}"))
    return reader


def tags_of(text: str) -> list[str]:
    """The elements that a reader of Markdown makes of a text."""
    reader = _Reader()
    reader.feed(MarkdownIt().enable("table").render(text))
    return [tag for tag, _ in reader.elements]


def test_the_same_build_gives_the_same_bytes(served: Path, frames: Frames, tmp_path: Path) -> None:
    """Pictures included; read anew, written anew, for their owner's eyes."""
    for folder, source in (("one", frames), ("other", read(serving_copy(served)))):
        for name in NAMES:
            write(made(source, name, EAST), tmp_path / folder, name)
    one, other = (
        {path.name: hashlib.sha256(path.read_bytes()).digest() for path in (tmp_path / folder).iterdir()}
        for folder in ("one", "other")
    )
    assert one == other
    assert len(one) == 9
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "one").iterdir()} == {0o600}


@pytest.mark.parametrize("name", NAMES)
def test_a_failed_check_is_a_red_line(frames: Frames, name: Name) -> None:
    """In every form, before any number, with what failed and how old the data are."""
    report = made(frames, name, health=FAILED)
    words = "Data through Thursday 19 November 2026: 2 checks failed on the newest build"
    assert report.alarm.startswith(words)
    assert "Q02 of daily_engagement, Q09 of daily_engagement" in report.alarm
    page = shown(report)
    (line,) = [attributes for tag, attributes in page.elements if attributes.get("role") == "alert"]
    assert "background:#a3271b" in str(line["style"])
    assert page.text.index(words) < page.text.index(report.tiles[0].title)
    assert words in markdown(report).splitlines()[2]
    assert words in str(payload(report)["blocks"][1])
    assert words in payload(report)["text"]


def test_late_data_are_a_red_line(frames: Frames) -> None:
    """The day after, nothing newer was loaded; the digest says so and names the day that it speaks of."""
    report = made(frames, "daily", today=date(2026, 11, 23))
    assert report.alarm == "Data through Thursday 19 November 2026: newer data have not arrived."
    assert report.title == "Sales engagement, Thursday 19 November 2026"
    assert made(frames, "daily").alarm == ""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched_and_nothing_runs(frames: Frames, name: Name) -> None:
    """No script, no style sheet, no address but those of the pictures inside."""
    report = made(frames, name, EAST)
    page = shown(report)
    assert not {tag for tag, _ in page.elements} & {"script", "link", "iframe", "a", "form", "svg"}
    sources = [str(attributes["src"]) for tag, attributes in page.elements if "src" in attributes]
    assert all(source.startswith("cid:") for source in sources)
    assert not re.search(r"https?://|url\(|@import", html(report, str))
    pictures = [attributes for tag, attributes in page.elements if tag == "img"]
    assert all(attributes["alt"] for attributes in pictures if attributes["class"] == "light")


def test_a_hostile_name_stays_text(frames: Frames) -> None:
    """A cadence named like the end of a script, a rep like a tag, a team like a table: in no form does it end anything."""
    hostile = replace(
        frames,
        names={
            kind: {number: f"{HOSTILE} | a | `b` <!channel> **{number}** ```" for number in names}
            for kind, names in frames.names.items()
        },
    )
    plain, report = shown(made(frames, "monthly", EAST)), made(hostile, "monthly", EAST)
    page = shown(report)
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert HOSTILE in page.text
    assert tags_of(markdown(report)) == tags_of(markdown(made(frames, "monthly", EAST)))
    said = str(payload(report))
    assert "<!channel>" not in said
    assert "<img" not in said
    assert all(
        block["text"]["text"].count("```") in (0, 2)
        for block in payload(report)["blocks"]
        if block["type"] == "section" and "text" in block
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_nothing_says_so(served_empty: Path, name: Name) -> None:
    """Before the first load there is a report too: dashes and sentences, in every form."""
    report = made(read(serving_copy(served_empty)), name)
    assert not [section for section in report.sections if section.table and section.table.rows]
    text = shown(report).text
    for section in report.sections:
        assert section.empty or section.chart
        assert section.chart or section.empty in text
    assert markdown(report)
    assert payload(report)
