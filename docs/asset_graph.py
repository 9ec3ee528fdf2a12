"""The picture of the asset graph: Dagster's own page of it, as far as it is the graph.

an instance and its code  ->  dagster-webserver  ->  Chromium, told what to do over its DevTools  ->  bytes of a PNG
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

WIDTH, HEIGHT, SHARPNESS = 1900, 1000, 1.5
SECONDS_AT_MOST = 300
# Two groups asset by asset; of raw tables and of the mart there are too many for one picture.
PATH = "/asset-groups?expanded=global@global:serving,global@global:reverse_sync"
# Once all nodes say how they are, and have come to rest: the box around all of them.
_BOX = """new Promise((done) => {
  let before = "";
  const look = () => {
    const nodes = [...document.querySelectorAll("svg foreignObject")].map((node) => node.getBoundingClientRect());
    const [left, top] = [Math.min(...nodes.map((box) => box.left)), Math.min(...nodes.map((box) => box.top))];
    const [right, bottom] = [Math.max(...nodes.map((box) => box.right)), Math.max(...nodes.map((box) => box.bottom))];
    const box = { x: left - 24, y: top - 24, width: right - left + 48, height: bottom - top + 48 };
    const now = JSON.stringify(box);
    const ready = nodes.length >= 8 && right > left && !/Loading|fetching/.test(document.body.innerText);
    if (ready && now === before) return done(box);
    before = now;
    setTimeout(look, 500);
  };
  look();
})"""


def asset_graph(chromium: Sequence[str], home: Path) -> bytes:
    """The picture. chromium: the command and its flags. home: the folder of dagster.yaml and of the runs."""
    with _webserver(home) as address, _page([*chromium, "--remote-debugging-port=0", "about:blank"]) as page:
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": SHARPNESS, "mobile": False}
        _ask(page, "Emulation.setDeviceMetricsOverride", **size)
        _ask(page, "Page.navigate", url=address + PATH)
        box = _ask(page, "Runtime.evaluate", expression=_BOX, awaitPromise=True, returnByValue=True)
        clip = {**box["result"]["value"], "scale": 1}
        return base64.b64decode(_ask(page, "Page.captureScreenshot", clip=clip)["data"])


@contextmanager
def _webserver(home: Path) -> Iterator[str]:
    """Dagster's webserver on a free port of this machine while the block runs; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "dagster_webserver", "--host", "127.0.0.1", "--port", port]
    environment = {**os.environ, "DAGSTER_HOME": str(home)}
    with _said(
        [*command, "-m", "salesloft_pipeline.definitions"], r"Serving .* on (http\S+)", home, environment
    ) as address:
        yield address


@contextmanager
def _page(command: Sequence[str]) -> Iterator[ClientConnection]:
    """A page of a new Chromium, to be asked over its DevTools."""
    with _said(command, r"DevTools listening on ws://([^/]+)") as host:
        (page,) = (each for each in httpx.get(f"http://{host}/json").json() if each["type"] == "page")
        with connect(page["webSocketDebuggerUrl"], max_size=None) as connection:
            yield connection


@contextmanager
def _said(
    command: Sequence[str],
    pattern: str,
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
) -> Iterator[str]:
    """Run a command while the block runs; yields what the pattern finds in what it says."""
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield next(found[1] for line in process.stdout if (found := re.search(pattern, line)))
        finally:
            process.terminate()


_numbers = count(1)


def _ask(page: ClientConnection, method: str, **parameters: Any) -> dict[str, Any]:
    """The result of one call; what the page tells unasked is passed over. Raises RuntimeError, and TimeoutError."""
    number = next(_numbers)
    page.send(json.dumps({"id": number, "method": method, "params": parameters}))
    while True:
        answer = json.loads(page.recv(timeout=SECONDS_AT_MOST))
        if answer.get("id") == number and "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        if answer.get("id") == number:
            return dict(answer["result"])
