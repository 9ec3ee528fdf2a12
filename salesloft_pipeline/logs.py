"""Log lines on stderr: for people, or one JSON object each for machines (LOG_FORMAT).

    _log.info("...", extra={"run_id": ..., "resource": ...})  ->  those names beside event, level, logger, timestamp (UTC)

Ids of runs, resources and requests belong into `extra`; what SalesLoft's records say belongs into no log.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog

from salesloft_pipeline.settings import LogFormat

# Whom a request asks for may stand in its address, which these write down.
_TALKATIVE = ("httpx", "httpcore")


def log_to_stderr(form: LogFormat, level: int = logging.INFO) -> None:
    """Send what this process logs to stderr, from now on; called once, by whoever is the process."""
    renderer: Any = structlog.processors.JSONRenderer(serializer=_json)
    if form == "text":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if form == "json" else []),
            renderer,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str).decode()
