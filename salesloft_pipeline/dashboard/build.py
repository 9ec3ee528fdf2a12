"""Writes the page: content and code in one file, under a policy that lets the browser do nothing else.

model  +  page/page.html, page.css, *.js  ->  dashboard.html, for its owner's eyes

The same copy gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from salesloft_pipeline.dashboard import model
from salesloft_pipeline.warehouse import Warehouse

_PAGE = Path(__file__).parent / "page"
_SCRIPTS = ("charts.js", "filters.js", "panels.js", "page.js")
FILE_NAME = "dashboard.html"


class DashboardError(Exception):
    """The page was not made; the message says why."""


def build_dashboard(copy: Warehouse, folder: Path, *, build_id: str | None = None) -> Path:
    """Write the page of a serving copy into a folder, readable by its owner alone; its path.

    build_id: the build that the copy should be of; None takes any. Raises DashboardError for another.
    """
    content = model.read(copy)
    found = content.info["build_id"]
    if build_id not in (None, found):
        raise DashboardError(
            f"the serving copy is of build {found}, the mart of build {build_id}: publish it again, then the page"
        )
    path, fresh = folder / FILE_NAME, folder / f"{FILE_NAME}.fresh"
    # Names of reps stand in it: nobody else may read it, not even for a moment.
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(page_of(content), encoding="utf-8")
    fresh.replace(path)
    return path


def page_of(content: model.Model) -> str:
    """The HTML text."""
    style = _read("page.css")
    script = "\n".join(map(_read, _SCRIPTS))
    parts = {
        "policy": f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'",
        "style": style,
        "data": _data(content),
        "script": script,
    }
    head, *rest = _read("page.html").split("{{")
    return head + "".join(parts[name] + after for name, _, after in (each.partition("}}") for each in rest))


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(content: model.Model) -> str:
    """JSON in which nothing can end the element that it stands in, whatever a cadence is called."""
    text = json.dumps(content.as_json(), ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
