"""Each edition goes to each audience once, on each of its ways, through real servers; and a failure can be repeated."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.report import Outcome, Report, channels, deliver, log
from salesloft_pipeline.report.channels import Channel
from salesloft_pipeline.report.frames import Frames, ReportError, ReportSettingError
from salesloft_pipeline.report.recipients import recipients
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import both_engines
from salesloft_pipeline_tests.report.conftest import EAST, made
from salesloft_pipeline_tests.report.receiving import Inbox, mail_server, slack

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
ADDRESSES = ["vp@acme.test", "ops@acme.test"]
SENDER = "Reports <reports@acme.test>"


@pytest.fixture
def post() -> Iterator[Inbox]:
    """A mail server."""
    with mail_server() as inbox:
        yield inbox


@pytest.fixture
def hook() -> Iterator[Inbox]:
    """A channel of Slack."""
    with slack() as inbox:
        yield inbox


@pytest.fixture
def report(frames: Frames) -> Report:
    """The digest for everybody."""
    return made(frames, "daily")


@pytest.fixture
def warehouse(warehouse_url: str) -> Warehouse:
    """A warehouse with its log and nothing else."""
    warehouse = Warehouse(warehouse_url)
    ops.create_tables(warehouse)
    return warehouse


def sent(
    warehouse: Warehouse, report: Report, ways: Sequence[Channel], *, send: bool = True, now: datetime = NOW
) -> list[Outcome]:
    return list(deliver(warehouse, report, ways, now, send=send))


def states(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.state for outcome in outcomes]


@both_engines
def test_once_on_each_way(
    warehouse: Warehouse, report: Report, post: Inbox, hook: Inbox, tmp_path: Path
) -> None:
    """A dry run sends nothing, the first send everything, the second nothing."""
    ways = channels([*ADDRESSES, hook.url, str(tmp_path / "kept")], SENDER, post.url)
    assert states(sent(warehouse, report, ways, send=False)) == ["would be sent"] * 3
    assert not post.mails
    assert not hook.posts
    assert states(sent(warehouse, report, ways)) == ["sent"] * 3
    assert states(sent(warehouse, report, ways)) == ["was sent before"] * 3
    assert states(sent(warehouse, report, ways, send=False)) == ["was sent before"] * 3
    assert (len(post.mails), len(hook.posts)) == (1, 1)
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        f"daily-2026-11-20-all.{ending}" for ending in ("html", "md", "json")
    }
    logged = warehouse.query(
        "select report, audience, build_id, sent_at, length(content) from ops.report_log order by channel"
    )
    assert logged == [("daily", "all", report.build_id, NOW, 64)] * 3


def test_another_edition_and_another_audience_go(
    warehouse: Warehouse, frames: Frames, report: Report, post: Inbox
) -> None:
    """The log knows them apart."""
    ways = channels(ADDRESSES, SENDER, post.url)
    tomorrow = made(frames, "daily", today=report.date + timedelta(days=1))
    for each in (report, tomorrow, made(frames, "daily", EAST), made(frames, "weekly")):
        assert states(sent(warehouse, each, ways)) == ["sent"]
    assert len({mail["message-id"] for mail in post.mails}) == 4


def test_a_mail_has_all_it_needs(report: Report, warehouse: Warehouse, post: Inbox) -> None:
    """Markdown, HTML that finds each of its pictures in the mail, and headers by which machines know it."""
    sent(warehouse, report, channels(ADDRESSES, SENDER, post.url))
    (mail,) = post.mails
    assert mail["subject"] == f"{report.title}: All teams"
    assert (mail["from"], mail["to"]) == (SENDER, ", ".join(ADDRESSES))
    assert mail["message-id"] == "<engagement-daily-all-2026-11-20@acme.test>"
    assert mail["auto-submitted"] == "auto-generated"
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain
    assert page
    assert plain.get_content().startswith(f"# {report.title}")
    pictures = {part["content-id"].strip("<>"): part for part in mail.walk() if part["content-id"]}
    asked = {part.split('"')[0] for part in page.get_content().split('src="cid:')[1:]}
    assert asked == pictures.keys()
    assert all(part.get_content().startswith(b"\x89PNG") for part in pictures.values())


def test_a_mail_server_may_ask_who_it_is(report: Report, warehouse: Warehouse, post: Inbox) -> None:
    """User and password out of the address, percent signs resolved."""
    address = post.url.replace("smtp://", "smtp://reports:pass%2Fword@")
    assert states(sent(warehouse, report, channels(ADDRESSES, SENDER, address))) == ["sent"]
    assert post.logins == [(b"reports", b"pass/word")]


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has 127.0.0.2, which is no other machine's either"
)
def test_no_password_without_encryption(report: Report, warehouse: Warehouse) -> None:
    """A server that is not on this machine and offers no TLS is not told who we are."""
    with mail_server("127.0.0.2") as stranger:
        address = stranger.url.replace("smtp://", "smtp://reports:secret@")
        (outcome,) = sent(warehouse, report, channels(ADDRESSES, SENDER, address))
    assert outcome.state == "failed"
    assert "use smtps://" in outcome.word
    assert not stranger.logins


def test_slack_gets_blocks(report: Report, warehouse: Warehouse, hook: Inbox) -> None:
    """The title, each number, each section; and nothing that Slack takes for markup or for somebody to call."""
    sent(warehouse, report, channels([hook.url], None, None))
    (payload,) = hook.posts
    kinds = [block["type"] for block in payload["blocks"]]
    assert kinds[0] == "header"
    assert len(kinds) <= 50
    text = str(payload)
    for words in ("*Emails sent*", "*Teams*", "*Bounce alarm*", "A sender of East", "Data health"):
        assert words in text
    assert all(len(block.get("text", {}).get("text", "")) <= 3000 for block in payload["blocks"])


@pytest.mark.parametrize("way", ["mail", "slack", "folder"])
def test_what_did_not_go_goes_later(
    way: str, report: Report, warehouse: Warehouse, post: Inbox, hook: Inbox, tmp_path: Path
) -> None:
    """A refusal is told without address or secret, other ways are not held up, and the next send sends what is left."""
    (tmp_path / "full").touch()
    targets = {"mail": ADDRESSES, "slack": [hook.url], "folder": [str(tmp_path / "full" / "kept")]}[way]
    post.answer, hook.answer = "552 vp@acme.test is full", "invalid_token"
    ways = channels([*targets, str(tmp_path / "kept")], SENDER, post.url)
    failed, other = sent(warehouse, report, ways)
    assert (failed.state, other.state) == ("failed", "sent")
    assert not any(secret in str(failed) for secret in ("acme.test", "planted-secret", str(tmp_path)))
    post.answer = hook.answer = ""
    (tmp_path / "full").unlink()
    assert states(sent(warehouse, report, ways)) == ["sent", "was sent before"]


@both_engines
def test_two_that_send_at_once(warehouse: Warehouse, report: Report) -> None:
    """One has the claim; one that a kill left behind is taken over after ten minutes, and only then."""
    first, second = (log.Entry(report, "mail", name) for name in ("first", "second"))
    assert log.claim(warehouse, first, NOW) == "ours"
    assert log.claim(warehouse, second, NOW) == "under way"
    log.release(warehouse, second)
    assert log.state(warehouse, first) == "under way"
    assert log.claim(warehouse, second, NOW + timedelta(minutes=11)) == "ours"
    log.confirm(warehouse, second, NOW + timedelta(minutes=11))
    assert log.claim(warehouse, first, NOW + timedelta(days=1)) == "sent"


def test_recipients_by_audience() -> None:
    """An audience goes on until the next one opens; a web address may hold an equals sign, an address a plus."""
    assert recipients("all=a+b@x.test, https://hooks.test/x?y=1 ,12=c@x.test,/srv/kept, all=d@x.test") == {
        None: ["a+b@x.test", "https://hooks.test/x?y=1", "d@x.test"],
        12: ["c@x.test", "/srv/kept"],
    }
    assert recipients("") == {}


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: recipients("vp@acme.test, all=x@y.test"), "REPORT_TO: item 1 belongs to no audience"),
        (lambda: channels(ADDRESSES, SENDER, None), "SMTP_URL is not set"),
        (lambda: channels(ADDRESSES, None, "smtp://x"), "REPORT_FROM is not set"),
    ],
)
def test_a_setting_that_is_wrong_is_named(act: object, said: str) -> None:
    """And what it holds is not shown."""
    assert callable(act)
    with pytest.raises(ReportSettingError, match=said) as error:
        act()
    assert "acme" not in str(error.value)


def test_an_unknown_team_is_told_with_those_there_are(frames: Frames) -> None:
    """A team of REPORT_TO that SalesLoft no longer has, say."""
    with pytest.raises(ReportError, match=r"no team 99: an audience is all, or one of -1 .*, 1 \(East\)"):
        made(frames, "daily", 99)
