"""`authorize`: from the printed address over the browser to a token file that the commands read with."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from salesloft_pipeline import authorize
from salesloft_pipeline.cli import main
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from salesloft_pipeline.token_file import TokenFile
from salesloft_pipeline_tests.oauth import Office, opened

ROOT = Path(__file__).parent.parent
TOKENS = "kept/tokens.json"


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Office]:
    """A SalesLoft, and settings that lead to its OAuth app."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    with opened() as office:
        monkeypatch.setenv("SALESLOFT_API_URL", office.url)
        monkeypatch.setenv("SALESLOFT_OAUTH_URL", office.host)
        monkeypatch.setenv("SALESLOFT_OAUTH_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("SALESLOFT_OAUTH_CLIENT_SECRET", CLIENT_SECRET)
        monkeypatch.setenv("SALESLOFT_OAUTH_TOKEN_FILE", TOKENS)
        monkeypatch.setenv("SALESLOFT_OAUTH_REDIRECT_URI", f"http://127.0.0.1:{free_port()}/callback")
        yield office


def called(*arguments: str, pasted: str | None = None) -> Result:
    """What the command did. Only click's own exits may leave it: any other exception is shown."""
    result = CliRunner().invoke(main, arguments, input=pasted)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def address_in(text: str) -> str:
    """The address that is printed for the browser."""
    (found,) = re.findall(r"http\S+/oauth/authorize\?\S+", text)
    return str(found)


Browser = Callable[[str], None]


@pytest.fixture
def browsing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Browser], None]]:
    """Hands in a browser: it is given the printed address as soon as the command waits."""
    threads: list[threading.Thread] = []

    def prepare(browser: Browser) -> None:
        addresses: list[str] = []

        def echo(text: str) -> None:
            click.echo(text)
            if "/oauth/authorize?" in text:
                addresses.append(address_in(text))
            if text.startswith("Waiting"):
                threads.append(threading.Thread(target=browser, args=addresses))
                threads[-1].start()

        monkeypatch.setattr(authorize, "click", type("Click", (), {"echo": echo, "prompt": click.prompt}))

    yield prepare
    for thread in threads:
        thread.join(timeout=5)


def test_from_the_printed_address_to_the_first_answer(office: Office, tmp_path: Path) -> None:
    """A process of its own prints the address, the browser follows it, and `doctor` is well by the tokens."""
    command = [sys.executable, "-c", "from salesloft_pipeline.cli import main; main()", "authorize"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        printed = ""
        while "Waiting for the browser" not in printed:
            printed += (line := process.stdout.readline())
            assert line, printed
        page = httpx.get(address_in(printed), follow_redirects=True)
        printed += process.communicate()[0]
    assert (page.status_code, process.returncode) == (200, 0), printed
    assert f"The tokens are in {TOKENS}" in printed
    tokens = TokenFile(tmp_path / TOKENS).load()
    for secret in (CLIENT_SECRET, tokens.access_token, tokens.refresh_token):
        assert secret
        assert secret not in printed
    office.expire()
    found = called("doctor")
    assert found.exit_code == 0, found.output
    assert office.refreshes == 1


def test_only_the_answer_that_was_asked_for_counts(
    office: Office, tmp_path: Path, browsing: Callable[[Browser], None]
) -> None:
    """A knock without a word, another path and another state are turned away; the right answer still comes in."""
    turned_away: list[int] = []

    def browser(address: str) -> None:
        right = httpx.get(address).headers["location"]
        where = urlsplit(right)
        socket.create_connection((where.hostname or "", where.port or 0)).close()
        turned_away.extend(
            httpx.get(wrong).status_code
            for wrong in (
                right.replace("/callback", "/favicon.ico"),
                re.sub(r"state=[^&]+", "state=forged", right),
                right.partition("&state=")[0],
            )
        )
        httpx.get(right)

    browsing(browser)
    result = called("authorize")
    assert result.exit_code == 0, result.output
    assert turned_away == [400, 400, 400]
    TokenFile(tmp_path / TOKENS).load()


def test_a_no_is_told(office: Office, browsing: Callable[[Browser], None], tmp_path: Path) -> None:
    """Who declines in the browser sees it in the terminal, and no file is written."""

    def browser(address: str) -> None:
        right = httpx.get(address).headers["location"]
        httpx.get(re.sub(r"code=[^&]+", "error=access_denied", right))

    browsing(browser)
    result = called("authorize")
    assert result.exit_code == 2
    assert result.stderr == "Error: SalesLoft sent no code but 'access_denied': try again\n"
    assert not (tmp_path / TOKENS).exists()


@pytest.mark.usefixtures("office")
def test_nobody_is_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten minutes (none, here) the command ends and says why."""
    monkeypatch.setattr(authorize, "PATIENCE_SECONDS", 0)
    result = called("authorize")
    assert result.exit_code == 2
    assert "nobody came" in result.stderr


def brought(office: Office) -> str:
    """The address that a browser elsewhere ends at."""
    redirect = Settings(_env_file=None).salesloft_oauth_redirect_uri
    return str(httpx.get(office.app().authorization_url(redirect, "s")).headers["location"])


@pytest.mark.parametrize("whole", [True, False], ids=["address", "code"])
def test_a_browser_elsewhere(office: Office, tmp_path: Path, whole: bool) -> None:
    """--code takes the address that the browser ended at, or the bare code, and waits for nobody."""
    address = brought(office)
    code = address if whole else re.findall(r"code=(\w+)", address)[0]
    result = called("authorize", "--code", code)
    assert result.exit_code == 0, result.output
    assert TokenFile(tmp_path / TOKENS).load().refresh_token
    again = called("authorize", "--code", code)
    assert again.exit_code == 2
    assert "invalid_grant" in again.stderr


def test_an_application_of_the_web_is_pasted(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the redirect does not lead to this machine, the address is asked for; one of another question is not
    taken.
    """
    monkeypatch.setenv("SALESLOFT_OAUTH_REDIRECT_URI", "https://example.test/callback")
    forged = called("authorize", pasted=f"{brought(office)}\n")
    assert forged.exit_code == 2
    assert "another question" in forged.stderr
    monkeypatch.setattr(authorize.secrets, "token_urlsafe", lambda _: "s")
    result = called("authorize", pasted=f"{brought(office)}\n")
    assert result.exit_code == 0, result.output
    TokenFile(tmp_path / TOKENS).load()


@pytest.mark.parametrize("name", ["CLIENT_ID", "CLIENT_SECRET", "TOKEN_FILE"])
@pytest.mark.usefixtures("office")
def test_what_is_not_set_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked or opened."""
    monkeypatch.delenv(f"SALESLOFT_OAUTH_{name}")
    result = called("authorize")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: SALESLOFT_OAUTH_{name} is not set: ")


def test_a_file_of_something_else_is_not_overwritten(office: Office, tmp_path: Path) -> None:
    """A slip in the setting costs no warehouse: the file is named before anything is asked."""
    (tmp_path / "kept").mkdir()
    (tmp_path / TOKENS).write_text("a warehouse")
    result = called("authorize", "--code", brought(office))
    assert result.exit_code == 2
    assert "kept/tokens.json" in result.stderr
    assert (tmp_path / TOKENS).read_text() == "a warehouse"
    assert not office.world.accounts.issued


@pytest.mark.usefixtures("office")
def test_a_port_in_use_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is named, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        monkeypatch.setenv("SALESLOFT_OAUTH_REDIRECT_URI", f"http://127.0.0.1:{door.getsockname()[1]}/")
        result = called("authorize")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: SALESLOFT_OAUTH_REDIRECT_URI: cannot listen there")


def test_a_key_goes_first(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key set, tokens are not asked for, and `authorize` says that they will not be used."""
    monkeypatch.setenv("SALESLOFT_API_KEY", DEMO_KEY)
    assert called("doctor").exit_code == 0
    assert not office.world.accounts.issued
    assert "SALESLOFT_API_KEY is set too" in called("authorize", "--code", brought(office)).stdout


def test_without_a_file_the_app_acts_for_itself(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Client id and secret are enough for a private app; with scopes it asks for those."""
    monkeypatch.delenv("SALESLOFT_OAUTH_TOKEN_FILE")
    monkeypatch.setenv("SALESLOFT_OAUTH_SCOPES", "team:read people:read")
    result = called("doctor")
    assert result.exit_code == 0, result.output
    assert set(office.world.accounts.issued) == {"client_credentials"}
    monkeypatch.setenv("SALESLOFT_OAUTH_SCOPES", "planets:read")
    assert "SALESLOFT_OAUTH_SCOPES" in called("doctor").stdout
