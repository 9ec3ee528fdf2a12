"""A simulated SalesLoft, and a receiver of its webhooks, as processes of their own, for what runs without an account."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

API_KEY = "simulator-key"
# As much as one minute of a team's points reads, so that nobody waits for the next.
DEMO_SIZES = ("--people", "500", "--emails", "3500", "--days", "90")
LANDING_URL = "sqlite:///data/simulated_landing.sqlite"
_READY = "listening on "
_COMMAND = (sys.executable, "-c", "from salesloft_pipeline.cli import main; main()")


class StandinError(Exception):
    """The simulator or the receiver did not start."""


@contextmanager
def simulator(sizes: Sequence[str]) -> Iterator[str]:
    """Run a simulator on a free port of this machine while the block runs; yields the address of its API."""
    command = [sys.executable, "-m", "salesloft_pipeline.simulator", "--port", "0", *sizes]
    with _running("simulator", command, {}) as address:
        yield address


@contextmanager
def receiver(environment: Mapping[str, str]) -> Iterator[str]:
    """Run a receiver on a free port of this machine, subscribed to everything that the simulator tells, while the
    block runs; yields the address that deliveries go to. environment: with the settings that lead to both.
    """
    with _running("receiver", [*_COMMAND, "receiver", "--port", "0"], environment) as said:
        url = said.partition(",")[0]
        subscribe = [*_COMMAND, "webhooks", "subscribe", "--url", url]
        subprocess.run(subscribe, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
        yield url


def environment(api_url: str) -> dict[str, str]:
    """The settings that lead to a simulator at this address, and to a landing that holds no webhook of yours."""
    return {"SALESLOFT_API_URL": api_url, "SALESLOFT_API_KEY": API_KEY, "LANDING_URL": LANDING_URL}


@contextmanager
def _running(name: str, command: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """Run a command while the block runs; yields what it says once it listens."""
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _address(name, process)
        finally:
            process.terminate()


def _address(name: str, process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if _READY in line:
            return line.partition(_READY)[2].strip()
    raise StandinError(f"the {name} ended before it was ready: run `salesloft-pipeline {name}` to see why")
