"""What can go wrong when talking to SalesLoft.

    SalesloftError
    ├── Refused              permanent: the same request will be refused again
    │   ├── Unauthorized     401  the key is missing, wrong or revoked
    │   ├── Forbidden        403  the key may not read this
    │   ├── NotFound         404  no such record, or not visible to this key
    │   └── Unprocessable    422  a parameter has a wrong value; `.errors` names it
    ├── Transient            may work in a moment: reads are repeated
    │   ├── RateLimited      429  the team's points for this minute are spent; `.retry_after_seconds`
    │   ├── ServerFailed     5xx
    │   └── Unreachable      no answer at all: connection, time-out, broken off half way
    └── BrokenContract       an answer that is not what the API promises
        ├── Garbled          not JSON, or no `data`: repeated like a transient error
        ├── EchoMismatch     a filter, sort or page size that did not take effect
        └── NoProgress       the same page again and again

Whether a repeat can help is decided once, here: `.transient`.
"""


class SalesloftError(Exception):
    """Base of everything this room raises. `transient`: the same request may work in a moment."""

    transient = False

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request: str | None = None  # "GET /people page 3", set by the client

    def __str__(self) -> str:
        message = super().__str__()
        return f"{self.request}: {message}" if self.request else message


class Refused(SalesloftError):
    """SalesLoft understood the request and will not serve it."""


class Unauthorized(Refused):
    """401: the key is missing, wrong or revoked."""


class Forbidden(Refused):
    """403: the key lacks a scope or a permission."""


class NotFound(Refused):
    """404: no such record, or one that this key may not see."""


class Unprocessable(Refused):
    """422: `errors` maps each refused field to its messages."""

    def __init__(self, message: str, *, errors: dict[str, list[str]]) -> None:
        super().__init__(message, status=422)
        self.errors = errors


class Transient(SalesloftError):
    """The request was fine; the moment was not."""

    transient = True


class RateLimited(Transient):
    """429: wait `retry_after_seconds`, or until the next minute where SalesLoft does not say."""

    def __init__(self, message: str, *, retry_after_seconds: float | None) -> None:
        super().__init__(message, status=429)
        self.retry_after_seconds = retry_after_seconds


class ServerFailed(Transient):
    """5xx from SalesLoft or from something in front of it."""


class Unreachable(Transient):
    """No complete answer: name, connection, time-out, or broken off half way."""


class BrokenContract(SalesloftError):
    """The answer is not what the API promises; going on would mean wrong data."""


class Garbled(BrokenContract):
    """A body that is not JSON or has no `data`: usually a proxy's page, so it is worth a repeat."""

    transient = True


class EchoMismatch(BrokenContract):
    """The `metadata` says that another question was answered than the one asked."""


class NoProgress(BrokenContract):
    """Reading on would repeat the same page for ever."""
