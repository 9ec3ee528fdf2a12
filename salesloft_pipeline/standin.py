"""A simulated SalesLoft as a process of its own, for the commands that run without an account."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

API_KEY = "simulator-key"
# As much as one minute of a team's points reads, so that nobody waits for the next.
DEMO_SIZES = ("--people", "500", "--emails", "3500", "--days", "90")
_READY = "listening on "


class StandinError(Exception):
    """The simulator did not start."""


@contextmanager
def simulator(sizes: Sequence[str]) -> Iterator[str]:
    """Run a simulator on a free port of this machine while the block runs; yields the address of its API."""
    command = [sys.executable, "-m", "salesloft_pipeline.simulator", "--port", "0", *sizes]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()


def environment(api_url: str) -> dict[str, str]:
    """The settings that lead to a simulator at this address."""
    return {"SALESLOFT_API_URL": api_url, "SALESLOFT_API_KEY": API_KEY}


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if _READY in line:
            return line.partition(_READY)[2].strip()
    raise StandinError(
        "the simulator ended before it was ready: run `salesloft-pipeline simulator` to see why"
    )
