"""Takes the pictures that the README shows, of dashboard, report and asset graph: `make docs`. Needs Chromium.

a simulated SalesLoft  ->  the demo, in a folder of its own  ->  Chromium  ->  docs/images/*.png
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from asset_graph import asset_graph

IMAGES = Path(__file__).parent.resolve() / "images"
# Pages of the serving folder, the picture of each, and as much of it as is shown.
PAGES = (
    ("dashboard.html", "dashboard.png", "1400,1240"),
    ("reports/daily-all.html", "report.png", "660,900"),
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
    "--hide-scrollbars",
]


def main() -> None:
    """Run the demo, show its pages, keep the pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium here: install chromium, then run `make docs` again")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _demo(folder)
        browser = [chromium, *FLAGS, f"--user-data-dir={folder}/profile"]
        for page, picture, size in PAGES:
            shot = [f"--window-size={size}", f"--screenshot={IMAGES / picture}"]
            address = (folder / os.environ.get("SERVING_FOLDER", "data/serving") / page).as_uri()
            subprocess.run([*browser, *shot, address], check=True)
        (IMAGES / "asset-graph.png").write_bytes(asset_graph(browser, folder))


def _demo(folder: Path) -> None:
    """Run the demo in a folder that keeps what Dagster knows of it."""
    shutil.copy(IMAGES.parent.parent / "dagster.yaml", folder)
    command = [Path(sys.executable).with_name("salesloft-pipeline"), "demo"]
    subprocess.run(command, cwd=folder, env={**os.environ, "DAGSTER_HOME": str(folder)}, check=True)


if __name__ == "__main__":
    main()
