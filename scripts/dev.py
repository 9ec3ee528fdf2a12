"""`make dev`: a simulated SalesLoft that lives in real time, and Dagster's UI, schedules and sensors on it.

    simulator on port 8900  ->  dagster dev on port 3000  ->  everything written under data/dev/

Both end when this ends (Ctrl-C or SIGTERM), and this ends when one of them does. They work in data/dev, so that
neither the .env nor the warehouse of a real account is touched.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "data" / "dev"
SIMULATOR_PORT = "8900"
ENVIRONMENT = {
    "DAGSTER_HOME": str(HOME),
    "SALESLOFT_API_URL": f"http://127.0.0.1:{SIMULATOR_PORT}/v2",
    "SALESLOFT_API_KEY": "simulator-key",
    "WAREHOUSE_URL": "duckdb:///data/warehouse.duckdb",
}
SECONDS_TO_STOP = 20
COMMANDS = (
    (sys.executable, "-m", "salesloft_pipeline.simulator", "--port", SIMULATOR_PORT),
    (str(Path(sys.executable).with_name("dagster")), "dev", "-w", str(ROOT / "workspace.yaml")),
)


def main() -> None:
    """Run both until one ends or somebody stops us."""
    # Whoever starts this in the background has SIGINT ignored, and Dagster would inherit that and never stop.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    HOME.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "dagster.yaml", HOME)
    with ExitStack() as stack:
        children = [stack.enter_context(running(command)) for command in COMMANDS]
        try:
            while all(child.poll() is None for child in children):
                time.sleep(0.5)
        except KeyboardInterrupt:
            print("stopping ...")


@contextmanager
def running(command: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """A child in a session of its own, so that it hears of Ctrl-C once, from here."""
    child = subprocess.Popen(command, cwd=HOME, env={**os.environ, **ENVIRONMENT}, start_new_session=True)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            child.kill()


if __name__ == "__main__":
    main()
