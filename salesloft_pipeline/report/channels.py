"""The ways on which a report reaches people, and which of them a target means.

ann@acme.test  ->  Mail      https://...  ->  Slack      /srv/reports  ->  Folder
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from salesloft_pipeline.report.files import write
from salesloft_pipeline.report.frames import ReportError, ReportSettingError
from salesloft_pipeline.report.mail import Mail
from salesloft_pipeline.report.model import Report
from salesloft_pipeline.report.slack import Slack


class Channel(Protocol):
    """One way. key: what the log knows it by; label: what people are told of it; neither names anybody."""

    @property
    def key(self) -> str: ...

    @property
    def label(self) -> str: ...

    def send(self, report: Report, now: datetime) -> str:
        """Send it; a word on what went not quite well. Raises ReportError when it did not go."""
        ...


@dataclass(frozen=True)
class Folder:
    """A folder that keeps every edition, by its date."""

    path: Path

    label = "a folder"

    @property
    def key(self) -> str:
        return f"folder {hashlib.sha256(str(self.path).encode()).hexdigest()[:8]}"

    def send(self, report: Report, now: datetime) -> str:  # noqa: ARG002  # an edition has its own date
        """Write it there. Raises ReportError where that cannot be."""
        try:
            write(report, self.path, f"{report.name}-{report.date}-{report.audience}")
        except OSError as error:
            raise ReportError(f"the folder cannot be written to: {error.strerror}") from None
        return ""


def channels(targets: Sequence[str], sender: str | None, smtp_url: str | None) -> list[Channel]:
    """The channels of an audience's targets. Raises ReportSettingError that names the setting that mail lacks."""
    addresses = [target for target in targets if "@" in target and "://" not in target]
    found: list[Channel] = []
    if addresses:
        if not sender or not smtp_url:
            missing = "SMTP_URL" if sender else "REPORT_FROM"
            raise ReportSettingError(f"{missing} is not set: REPORT_TO has addresses, and mail needs it")
        found.append(Mail(addresses, sender, smtp_url))
    found += [Slack(target) for target in targets if "://" in target]
    found += [Folder(Path(target)) for target in targets if "@" not in target and "://" not in target]
    return found
