"""A report as files: Markdown, JSON, and a page that holds its pictures. For their owner's eyes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from salesloft_pipeline.report.html import html
from salesloft_pipeline.report.markdown import markdown
from salesloft_pipeline.report.model import Report
from salesloft_pipeline.report.pictures import pictures_of


def write(report: Report, folder: Path, name: str) -> list[Path]:
    """Write <folder>/<name>.html, .md and .json; the same report gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_written(folder / f"{name}.{ending}", text) for ending, text in _texts(report)]


def _texts(report: Report) -> Iterator[tuple[str, str]]:
    sources = {
        picture.name: f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"
        for picture in pictures_of(report)
    }
    yield "html", html(report, sources.__getitem__)
    yield "md", markdown(report)
    yield "json", report.as_json()


def _written(path: Path, text: str) -> Path:
    """Names of reps may stand in it: nobody else may read it, not even for a moment."""
    fresh = path.with_name(f"{path.name}.fresh")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    return fresh.replace(path)
