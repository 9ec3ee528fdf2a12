"""Takes the picture of the dashboard that the README shows: `make docs`. Needs Chromium.

a simulated SalesLoft  ->  the demo, in a folder of its own  ->  Chromium  ->  docs/images/dashboard.png
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = Path(__file__).parent.resolve() / "images" / "dashboard.png"
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
    "--window-size=1400,1240",
]


def main() -> None:
    """Run the demo, show its page, keep the picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium here: install chromium, then run `make docs` again")
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).with_name("salesloft-pipeline"), "demo"]
        subprocess.run(command, cwd=folder, check=True)
        page = Path(folder, os.environ.get("SERVING_FOLDER", "data/serving"), "dashboard.html")
        profile = f"--user-data-dir={folder}/profile"
        subprocess.run([chromium, *FLAGS, profile, f"--screenshot={TARGET}", page.as_uri()], check=True)
    sys.stdout.write(f"wrote {TARGET}, {TARGET.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
