"""`dev`: Dagster's UI and daemon on this machine, until Ctrl-C. Without a key, a simulated SalesLoft stands in, and
tells by webhooks what happens in it.

Whatever ends this process ends its children too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from salesloft_pipeline import standin
from salesloft_pipeline.receiver import DEMO_TOKEN
from salesloft_pipeline.settings import load_settings

# A warehouse of its own: what a simulated team fills must never meet your data.
OWN = {
    "WAREHOUSE_URL": "duckdb:///data/dev.duckdb",
    "SALESLOFT_WEBHOOK_TOKENS": f"dev={DEMO_TOKEN}",
    "SALESLOFT_WEBHOOK_TOKENS_FILE": "",
}


def run_dev(port: int) -> None:
    """Serve Dagster's UI on 127.0.0.1:port. Settings come from the environment or .env."""
    environment = {**os.environ, "DAGSTER_HOME": str(Path.cwd())}
    with ExitStack() as stack:
        settings = load_settings()
        if not settings.has_credentials:
            api_url = stack.enter_context(standin.simulator(standin.DEMO_SIZES))
            environment |= {**standin.environment(api_url), **OWN}
            url = stack.enter_context(standin.receiver(environment))
            click.echo(f"No API key and no OAuth app is set: a simulated SalesLoft answers at {api_url}")
            click.echo(f"and sends webhooks to a receiver at {url}")
        command = [sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port", str(port)]
        if settings.log_format == "json":
            command += ["--log-format", "json"]
        process = subprocess.Popen(command, env=environment, preexec_fn=_hear_interrupts)
        _wait(process)


def _hear_interrupts() -> None:
    # Dagster takes over the interrupt handler it finds, and a shell hands "ignore" to what it starts behind it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _wait(process: subprocess.Popen[bytes]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))
    while process.poll() is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
