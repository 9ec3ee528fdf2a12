"""Sends reports, each once: a dry run tells what would go where.

Report + channels  ->  claim, send, confirm  ->  Outcome by channel
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from salesloft_pipeline.report import log
from salesloft_pipeline.report.channels import Channel
from salesloft_pipeline.report.frames import ReportError
from salesloft_pipeline.report.model import Report
from salesloft_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Outcome:
    """What became of one report on one way; `word` says why it failed, or what went not quite well."""

    report: str
    audience: str
    channel: str
    state: Literal["would be sent", "sent", "was sent before", "is being sent by another process", "failed"]
    word: str = ""

    def __str__(self) -> str:
        return f"{self.report} for {self.audience}, {self.channel}: {self.state}" + (
            f": {self.word}" if self.word else ""
        )


def deliver(
    warehouse: Warehouse, report: Report, channels: Sequence[Channel], now: datetime, *, send: bool
) -> Iterator[Outcome]:
    """Send it on each way that it has not gone yet; without `send`, say what would be. One way's failure is no other's."""
    for channel in channels:
        entry = log.Entry(report, channel.key, uuid.uuid4().hex)
        taken = log.claim(warehouse, entry, now) if send else log.state(warehouse, entry)
        named = (report.name, report.audience, channel.label)
        if taken != "ours":
            yield Outcome(
                *named, "was sent before" if taken == "sent" else "is being sent by another process"
            )
        elif not send:
            yield Outcome(*named, "would be sent")
        else:
            yield _sent(warehouse, entry, channel, now, named)


def _sent(
    warehouse: Warehouse, entry: log.Entry, channel: Channel, now: datetime, named: tuple[str, str, str]
) -> Outcome:
    try:
        word = channel.send(entry.report, now)
    except ReportError as error:
        log.release(warehouse, entry)
        return Outcome(*named, "failed", str(error))
    except BaseException:
        log.release(warehouse, entry)
        raise
    log.confirm(warehouse, entry, now)
    return Outcome(*named, "sent", word)
