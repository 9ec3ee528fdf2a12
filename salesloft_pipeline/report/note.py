"""A few words to those who look after the pipeline, on the ways that reports take.

subject, text  ->  one mail to all addresses, one message to each channel of Slack
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from salesloft_pipeline.report.channels import channels
from salesloft_pipeline.report.frames import ReportError, ReportSettingError
from salesloft_pipeline.report.mail import Mail
from salesloft_pipeline.report.slack import Slack, plain


def tell(
    targets: Sequence[str],
    sender: str | None,
    smtp_url: str | None,
    *,
    subject: str,
    text: str,
    now: datetime,
) -> None:
    """Tell all targets, whatever becomes of some. Raises ReportError for those that were not reached."""
    failed = []
    for channel in channels(targets, sender, smtp_url):
        try:
            if isinstance(channel, Mail):
                channel.hand_over(_mail(channel, subject, text, now))
            elif isinstance(channel, Slack):
                channel.post({"text": f":red_circle: *{plain(subject)}*\n{plain(text)}"})
            else:
                raise ReportSettingError("ALERT_TO takes addresses and Slack webhooks: a folder wakes nobody")
        except ReportError as error:
            failed.append(f"{channel.label}: {error}")
    if failed:
        raise ReportError("; ".join(failed))


def _mail(channel: Mail, subject: str, text: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = channel.sender
    message["To"] = ", ".join(channel.addresses)
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message
