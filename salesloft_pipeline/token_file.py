"""The file that keeps OAuth tokens: one pair for all processes of this machine, readable by its owner only.

    load   checks who may read it, and what it holds
    save   beside it, to the disk, then in its place: a reader or a crash meets the old pair or the new one
    alone  a lock on a file beside it, which ends with its process; one refresh at a time

SalesLoft revokes the old refresh token with every refresh, so a pair that is lost means that a person has to
authorize again. Machines that share no disk need authorizations (and files) of their own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salesloft_pipeline.salesloft.errors import Unauthorized
from salesloft_pipeline.salesloft.oauth import Tokens

OWNER_ONLY = 0o600
OTHERS = 0o077
# Tokens are some hundred; whatever is longer is another file, which may be a warehouse.
LONGEST_BYTES = 100_000


class TokenFile:
    """A TokenStore in the file at `path`. Whatever is wrong with the file is an Unauthorized that names it."""

    def __init__(self, path: Path) -> None:
        # Where a link leads to: the lock and the new file must lie beside the one real file.
        self._path = path.resolve()

    def __repr__(self) -> str:
        return f"TokenFile({str(self._path)!r})"

    def load(self) -> Tokens:
        """The tokens. Raises Unauthorized for a file that is missing, open to others, or not of our making."""
        mode, tokens = self._read()
        if mode & OTHERS:
            raise self._wrong(
                "can be read or written by others than its owner",
                "if nobody may have seen it `chmod 600` it, else remove it and run `salesloft-pipeline authorize`",
            )
        return tokens

    def check_place(self) -> None:
        """Before the first tokens: raises Unauthorized where a file of something else would be overwritten."""
        if self._path.exists():
            self._read()

    def save(self, tokens: Tokens) -> None:
        """Put these in place of what the file held; on return they are on the disk. Only while `alone`."""
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            # Left by somebody who was killed, perhaps; only who is alone comes here.
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
                file.write(tokens.model_dump_json().encode())
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
            _to_disk(self._path.parent)
        except OSError as error:
            raise self._not_writable(error) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One thread of one process at a time, for as long as the block runs."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        except OSError as error:
            raise self._not_writable(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            # Closing alone would not do: a process forked meanwhile has a copy that still holds the lock.
            fcntl.flock(lock, fcntl.LOCK_UN)
            os.close(lock)

    def _read(self) -> tuple[int, Tokens]:
        """Who may open the file, as its mode, and the tokens in it."""
        try:
            with self._path.open("rb") as file:
                mode, content = os.fstat(file.fileno()).st_mode, file.read(LONGEST_BYTES)
            return mode, Tokens.model_validate_json(content)
        except FileNotFoundError:
            raise self._wrong("is not there", "run `salesloft-pipeline authorize`, which writes it") from None
        except OSError as error:
            raise self._wrong(f"cannot be read ({error.strerror})", "see who owns it") from error
        except ValueError:
            raise self._wrong(
                "does not hold tokens that this program wrote (empty, cut off, or another file?)",
                "name another file, or remove it, then run `salesloft-pipeline authorize`",
            ) from None

    def _not_writable(self, error: OSError) -> Unauthorized:
        return self._wrong(
            f"cannot be written ({error.strerror})", "tokens change every two hours, so it has to be writable"
        )

    def _wrong(self, what: str, advice: str) -> Unauthorized:
        return Unauthorized(f"the token file {self._path} (SALESLOFT_OAUTH_TOKEN_FILE) {what}: {advice}")


def _to_disk(folder: Path) -> None:
    """A file that was put in place survives a power cut only when its directory is on the disk too."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
