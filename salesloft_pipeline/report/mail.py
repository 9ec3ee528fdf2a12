"""A report as a mail, and its way to a server by SMTP.

    Report  ->  one message: Markdown, and HTML that holds its pictures  ->  smtp:// or smtps://

The same edition for the same audience has the same Message-ID, so that a mail program shows it once, even if it
came twice.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

from salesloft_pipeline.report.frames import ReportError
from salesloft_pipeline.report.html import html
from salesloft_pipeline.report.markdown import markdown
from salesloft_pipeline.report.model import Report
from salesloft_pipeline.report.pictures import pictures_of
from salesloft_pipeline.report.words import counted

_SECONDS = 30
_PORTS = {"smtp": 587, "smtps": 465}
_HERE = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, repr=False)
class Mail:
    """One message to all addresses of an audience. url may hold a password, and is never shown."""

    addresses: Sequence[str]
    sender: str
    url: str

    key = "mail"

    @property
    def label(self) -> str:
        return f"mail to {counted(len(self.addresses), 'address', 'addresses')}"

    def send(self, report: Report, now: datetime) -> str:
        """Hand the report over; a word on who was refused. Raises ReportError where nobody was taken."""
        return self.hand_over(message_of(report, self.sender, self.addresses, now))

    def hand_over(self, message: EmailMessage) -> str:
        """The same for any message."""
        try:
            with _server(urlsplit(self.url)) as server:
                refused = server.send_message(message)
        # Their messages may hold addresses, and the server's greeting to them.
        except smtplib.SMTPResponseException as error:
            raise ReportError(f"the mail server refused: {type(error).__name__} {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise ReportError(f"the mail server did not take it: {type(error).__name__}") from None
        return f"{len(refused)} of them refused by the server" if refused else ""


def message_of(report: Report, sender: str, addresses: Sequence[str], now: datetime) -> EmailMessage:
    """The message; all but its date is the same for the same report."""
    message = EmailMessage()
    message["Subject"] = " ".join(f"{report.title}: {report.audience_name}".split())
    message["From"] = sender
    message["To"] = ", ".join(addresses)
    message["Date"] = format_datetime(now)
    domain = sender.rpartition("@")[2].strip(">") or "localhost"
    message["Message-ID"] = f"<engagement-{report.key}-{report.date}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(markdown(report))
    message.add_alternative(html(report, lambda name: f"cid:{name}@{domain}"), subtype="html")
    page = message.get_payload()[1]  # type: ignore[index]  # the parts that were just added
    for picture in pictures_of(report):
        page.add_related(  # type: ignore[union-attr]
            picture.png, "image", "png", cid=f"<{picture.name}@{domain}>", filename=f"{picture.name}.png",
            disposition="inline",
        )  # fmt: skip
    return message


@contextmanager
def _server(url: SplitResult) -> Iterator[smtplib.SMTP]:
    """A server that was greeted: encrypted where it can be, and a password only then."""
    host, port = url.hostname or "localhost", url.port or _PORTS[url.scheme]
    context = ssl.create_default_context()
    connection = (
        smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
        if url.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=_SECONDS)
    )
    with connection as server:
        server.ehlo()
        encrypted = url.scheme == "smtps"
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=context)
            encrypted = True
        if url.username and not encrypted and host not in _HERE:
            raise ReportError(
                f"the mail server {host} offers no encryption, so it is not told the password of SMTP_URL: use smtps://"
            )
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server
