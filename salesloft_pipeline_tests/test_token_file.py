"""The token file: the owner's alone, whole at every instant, and one refresh however many processes want it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from salesloft_pipeline.salesloft.errors import Unauthorized
from salesloft_pipeline.salesloft.oauth import Tokens
from salesloft_pipeline.simulator.oauth import CLIENT_ID, CLIENT_SECRET
from salesloft_pipeline.token_file import TokenFile
from salesloft_pipeline_tests.oauth import Office, opened

ROOT = Path(__file__).parent.parent
TOKENS = Tokens(
    access_token="planted-access", refresh_token="planted-refresh", renew_at=datetime(2099, 1, 1, tzinfo=UTC)
)


def written(path: Path, tokens: Tokens = TOKENS) -> TokenFile:
    """A token file with these tokens."""
    store = TokenFile(path)
    with store.alone():
        store.save(tokens)
    return store


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """By the next process too, in a folder that was not there; the newest pair only."""
    path = tmp_path / "new" / "folder" / "tokens.json"
    written(path)
    later = TOKENS.model_copy(update={"access_token": "another"})
    written(path, later)
    assert TokenFile(path).load() == later


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    """0600 from its first instant, whatever the umask, and whatever stood there before."""
    path = tmp_path / "tokens.json"
    path.write_text("{}")
    path.chmod(0o666)
    before = os.umask(0)
    try:
        written(path)
    finally:
        os.umask(before)
    assert {mode_of(each) for each in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o777])
def test_a_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    """The error names the file, the setting and the way out, and shows no token."""
    store = written(tmp_path / "tokens.json")
    (tmp_path / "tokens.json").chmod(mode)
    with pytest.raises(
        Unauthorized, match=r"tokens\.json \(SALESLOFT_OAUTH_TOKEN_FILE\).*others.*chmod 600"
    ) as caught:
        store.load()
    assert "planted" not in f"{caught.value} {store!r}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        TOKENS.model_dump_json()[:-20].encode(),
        b'["planted-access"]',
        b'{"access_token": "planted-access"}',
        b'{"access_token": "planted-access", "expires_in": 7200, "created_at": 1}',
        b'{"access_token": "planted access", "refresh_token": null, "renew_at": "2099-01-01T00:00:00Z"}',
        b'{"access_token": "planted-access", "refresh_token": null, "renew_at": "2099-01-01T00:00:00"}',
    ],
    ids=["empty", "binary", "cut off", "a list", "half", "another program's", "no header", "no zone"],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    """What does not hold our tokens is not guessed at; the error names file and command, and quotes nothing."""
    path = tmp_path / "tokens.json"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(Unauthorized, match=r"tokens\.json.*salesloft-pipeline authorize") as caught:
        TokenFile(path).load()
    assert "planted" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_file_that_is_not_there_tells_how_to_make_it(tmp_path: Path) -> None:
    """Missing, and a folder in its place."""
    with pytest.raises(Unauthorized, match=r"is not there.*salesloft-pipeline authorize"):
        TokenFile(tmp_path / "tokens.json").load()
    with pytest.raises(Unauthorized, match="cannot be read"):
        TokenFile(tmp_path).load()


def test_a_place_that_cannot_be_written_is_told_before_a_refresh(tmp_path: Path) -> None:
    """Nobody gets to be alone where nothing can be kept."""
    (tmp_path / "file").touch()
    with pytest.raises(Unauthorized, match="cannot be written"), TokenFile(tmp_path / "file/tokens").alone():
        pytest.fail("went on")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file behind it gets the new tokens, and all names of it share one lock."""
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real/tokens.json", tmp_path / "tokens.json"
    written(real)
    link.symlink_to(real)
    written(link, TOKENS.model_copy(update={"access_token": "another"}))
    assert link.is_symlink()
    assert TokenFile(real).load().access_token == "another"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["real", "tokens.json"]


def test_a_kill_while_saving_leaves_the_old_tokens(tmp_path: Path) -> None:
    """Half a new file beside it harms nobody, and is gone after the next save."""
    store = written(tmp_path / "tokens.json")
    (tmp_path / "tokens.json.new").write_text('{"access_to')
    assert store.load() == TOKENS
    written(tmp_path / "tokens.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tokens.json", "tokens.json.lock"]


def test_one_thread_at_a_time(tmp_path: Path) -> None:
    """`alone` keeps the threads of one process apart as well, though they share every file."""
    store, inside, together = TokenFile(tmp_path / "tokens.json"), threading.Semaphore(1), []

    def enter(_: int) -> None:
        with store.alone():
            together.append(not inside.acquire(blocking=False))
            store.save(TOKENS)
            inside.release()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enter, range(40)))
    assert not any(together)


# A process with an OAuth client. It says when it got a 401, and goes on when a line comes.
_PROCESS = """
import os, sys
from pathlib import Path
import httpx
from salesloft_pipeline.salesloft.auth import OAuth
from salesloft_pipeline.salesloft.oauth import OAuthApp
from salesloft_pipeline.token_file import TokenFile

class Deadly(TokenFile):
    def save(self, tokens):
        renewed = tokens != self.load()
        super().save(tokens)
        if renewed:
            os._exit(9)

kind, url, client_id, secret, path = sys.argv[1:]
app = OAuthApp(url.removesuffix("/v2"), client_id, secret)
auth = OAuth({"deadly": Deadly, "plain": TokenFile}[kind](Path(path)), app.refresh)

def wait(response):
    if response.status_code == 401:
        print("401", flush=True)
        sys.stdin.readline()

with httpx.Client(base_url=url, auth=auth, event_hooks={"response": [wait]}) as http:
    print(http.get("/people").status_code, http.get("/team").status_code, flush=True)
"""


@pytest.fixture
def office() -> Iterator[Office]:
    """A SalesLoft with an OAuth app."""
    with opened() as office:
        yield office


def process(office: Office, path: Path, kind: str = "plain") -> subprocess.Popen[str]:
    """A process that reads two lists by the tokens in this file."""
    return subprocess.Popen(
        [sys.executable, "-c", _PROCESS, kind, office.url, CLIENT_ID, CLIENT_SECRET, str(path)],
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(pipe: IO[str] | None) -> str:
    assert pipe
    return pipe.readline().strip()


def test_two_processes_that_meet_a_401_at_once_refresh_once(office: Office, tmp_path: Path) -> None:
    """Both hold the same dead token at the same moment; one refreshes, both go on, nobody is logged out."""
    store = written(tmp_path / "tokens.json", office.tokens())
    office.expire()
    with ExitStack() as stack:
        both = [stack.enter_context(process(office, tmp_path / "tokens.json")) for _ in range(2)]
        assert [line(each.stdout) for each in both] == ["401", "401"]
        for each in both:
            assert each.stdin
            each.stdin.write("\n")
            each.stdin.flush()
        assert [line(each.stdout) for each in both] == ["200 200", "200 200"]
    assert office.world.accounts.issued["refresh_token"] == 1
    assert not office.world.accounts.denied
    office.client(store).get("/me")


def test_killed_between_keeping_and_using_the_next_goes_on(office: Office, tmp_path: Path) -> None:
    """The new tokens are on the disk before anything is asked with them, so a kill there costs nothing; and the
    lock that it died with keeps nobody out.
    """
    path = tmp_path / "tokens.json"
    written(path, office.tokens())
    office.expire()
    with process(office, path, "deadly") as victim:
        assert line(victim.stdout) == "401"
        victim.communicate("\n")
    assert victim.returncode == 9
    served = len(office.world.log)
    office.client(TokenFile(path)).get("/people")
    assert (office.refreshes, len(office.world.log)) == (1, served + 1)
    assert mode_of(path) == 0o600
