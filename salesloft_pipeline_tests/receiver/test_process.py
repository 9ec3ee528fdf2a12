"""The process: what it refuses to start with, how it ends, and what it never says."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from salesloft_pipeline.cli import main
from salesloft_pipeline.receiver.config import DEMO_TOKEN, config_of
from salesloft_pipeline.salesloft.webhooks import WebhookToken
from salesloft_pipeline.settings import Settings, SettingsError
from salesloft_pipeline_tests.receiver.stand import SECRET, TOKEN, Process, answer_on, raw, signed

SHORT = "planted-but-too-short"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine that runs the tests, and no .env."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def called(*options: str) -> Result:
    """What the command did, which was not to serve."""
    return CliRunner().invoke(main, ["receiver", *options])


@pytest.mark.parametrize(
    ("environment", "options", "told"),
    [
        ({}, [], "SALESLOFT_WEBHOOK_TOKENS is not set"),
        ({"SALESLOFT_WEBHOOK_TOKENS": " , "}, [], "there is no token"),
        ({"SALESLOFT_WEBHOOK_TOKENS": f"{SECRET},{SHORT}"}, [], "token 2 (token-2) is shorter than 32"),
        ({"SALESLOFT_WEBHOOK_TOKENS": f"a={SECRET},a={SECRET}2"}, [], "a names more than one token"),
        ({"SALESLOFT_WEBHOOK_TOKENS": f"{SECRET}@person_reborn"}, [], "event type"),
        ({"SALESLOFT_WEBHOOK_TOKENS_FILE": "nowhere"}, [], "cannot read nowhere: No such file"),
        ({"SALESLOFT_WEBHOOK_TOKENS_FILE": "short"}, [], "SALESLOFT_WEBHOOK_TOKENS_FILE: token 1"),
        ({"SALESLOFT_WEBHOOK_TOKENS_FILE": "bytes"}, [], "not UTF-8"),
        ({"SALESLOFT_WEBHOOK_TOKENS_FILE": "short", "SALESLOFT_WEBHOOK_TOKENS": SECRET}, [], "both set"),
        ({"SALESLOFT_WEBHOOK_TOKENS": SECRET}, ["--demo", "--host", "0.0.0.0"], "RECEIVER_HOST"),
        ({"RECEIVER_HOST": "::"}, ["--demo"], "RECEIVER_HOST"),
        ({"RECEIVER_HOST": "receiver.example"}, ["--demo"], "RECEIVER_HOST"),
        ({"LANDING_URL": "mysql://x/y", "SALESLOFT_WEBHOOK_TOKENS": SECRET}, [], "LANDING_URL"),
    ],
)
def test_it_refuses_to_start_unsafe(
    environment: dict[str, str],
    options: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Exit code 2 with the setting's name and what to do, and no secret in it."""
    (tmp_path / "short").write_text(SHORT)
    (tmp_path / "bytes").write_bytes(b"\xff")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = called(*options)
    assert result.exit_code == 2
    assert told in result.output
    assert SECRET not in result.output
    assert SHORT not in result.output


def test_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1: the settings are fine, the moment is not."""
    monkeypatch.setenv("SALESLOFT_WEBHOOK_TOKENS", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = called("--port", str(taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "RECEIVER_PORT" in result.output


def test_tokens_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One a line, as a mounted secret has them."""
    (tmp_path / "tokens").write_text(f"new={SECRET}2@person_updated\nold={SECRET}\n")
    monkeypatch.setenv("SALESLOFT_WEBHOOK_TOKENS_FILE", str(tmp_path / "tokens"))
    tokens = config_of(Settings(_env_file=None)).tokens
    assert tokens == (
        WebhookToken("new", f"{SECRET}2".encode(), frozenset({"person_updated"})),
        WebhookToken("old", SECRET.encode()),
    )


def test_the_demo_believes_its_own_token_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known to everybody is never believed beside a real one."""
    monkeypatch.setenv("SALESLOFT_WEBHOOK_TOKENS", SECRET)
    config = config_of(Settings(_env_file=None), demo=True)
    assert [token.secret for token in config.tokens] == [DEMO_TOKEN.encode()]
    assert config.host == "127.0.0.1"


def test_a_wrong_setting_is_not_printed_by_its_value() -> None:
    """Nor does the printed configuration show a token."""
    settings = Settings(_env_file=None, salesloft_webhook_tokens=SECRET)
    assert SECRET not in repr(config_of(settings))
    with pytest.raises(SettingsError) as caught:
        config_of(Settings(_env_file=None, salesloft_webhook_tokens=SHORT))
    assert SHORT not in str(caught.value)


def test_sigterm_waits_for_the_last_byte(tmp_path: Path) -> None:
    """A delivery that has begun is landed and answered; then the port is closed, and the exit is clean."""
    body = b'{"id": "on its way"}'
    request = raw(body, signed(body))
    with Process(f"sqlite:///{tmp_path}/landing.sqlite") as process, process.connect() as connection:
        connection.sendall(request[:-1])
        # On a second connection, so the first one has been taken in.
        assert process.deliver(b"before").status == 200
        process.terminate()
        # The door is shut at once, for those who come now.
        for _ in range(10_000):
            try:
                process.connect().close()
            except OSError:
                break
        else:
            pytest.fail("the port is still open")
        connection.sendall(request[-1:])
        answer = answer_on(connection)
        assert (answer.status, answer.body) == (200, b"accepted\n")
        code, said = process.ended()
        assert code == 0, said
        assert {row.body for row in process.rows()} == {b"before", body}


def test_sigterm_with_nothing_to_do_ends_at_once(tmp_path: Path) -> None:
    """Idle connections, kept or not yet used, keep nobody waiting."""
    url = f"sqlite:///{tmp_path}/landing.sqlite"
    with Process(url) as process, process.connect() as kept, process.connect():
        kept.sendall(raw(b"", {}, method="GET", path="/health"))
        assert answer_on(kept).status == 200
        process.terminate()
        assert process.ended()[0] == 0


BODY = b'{"name": "planted-body-4b1d"}'
HEADER = "planted_header_7c2e"


def test_nothing_that_is_said_gives_anything_away(tmp_path: Path, postgres_url: str) -> None:
    """Log and metrics, through good and bad deliveries and a landing that fails: no token, signature, body, header."""
    password = "planted-password-55"
    for url in (
        f"sqlite:///{tmp_path}/landing.sqlite",
        f"postgresql://someone:{password}@127.0.0.1:9/nowhere",
    ):
        with Process(url) as process:
            signature = signed(BODY)["x-salesloft-signature"]
            other = signed(b"other")["x-salesloft-signature"]
            for headers in (
                signed(BODY),
                signed(BODY, event=HEADER),
                signed(BODY) | {"content-encoding": HEADER, "content-type": HEADER},
                {"x-salesloft-signature": other, "x-salesloft-event": HEADER},
                {"x-salesloft-signature": HEADER},
                {"authorization": TOKEN.secret.decode(), HEADER: HEADER},
            ):
                process.send(raw(BODY, headers))
                process.send(raw(BODY, headers, path=f"/{HEADER}"))
            process.send(f"{HEADER}\r\n\r\n".encode())
            pages = b"".join(process.get(path).body for path in ("/metrics", "/health")).decode()
            process.terminate()
            said = process.ended()[1] + pages
        for secret in (SECRET, signature, other, "planted", "7c2e"):
            assert secret not in said
        assert "401" in said


def test_a_flood_of_forgeries_does_not_fill_the_log(tmp_path: Path) -> None:
    """A line a second, which tells how many it stands for; every one of them is counted."""
    with Process(f"sqlite:///{tmp_path}/landing.sqlite") as process:
        for _ in range(300):
            assert process.send(raw(BODY, signed(b"other"))).status == 401
        assert b'reason="signature_mismatch",status="401"} 300.0' in process.get("/metrics").body
        process.terminate()
        assert process.ended()[1].count("\n") < 30
