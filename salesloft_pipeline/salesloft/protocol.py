"""What an answer of SalesLoft means. Pure: (status, headers, body) in, values or an error out.

    decipher(...) -> Reply    one answer: its data, its paging, what it cost
    check_echo(...)           did the question asked take effect?

Contract: https://developers.salesloft.com/docs/platform/api-basics/filtering-paging-sorting/ and .../rate-limits/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from salesloft_pipeline.salesloft.errors import (
    EchoMismatch,
    Forbidden,
    Garbled,
    NotFound,
    RateLimited,
    Refused,
    SalesloftError,
    ServerFailed,
    Unauthorized,
    Unprocessable,
)

# A list is sent as `name[]=1&name[]=2`: its name ends in brackets.
Params = Mapping[str, str | Sequence[str]]

_REFUSALS: dict[int, tuple[type[Refused], str]] = {
    401: (Unauthorized, "check SALESLOFT_API_KEY: it is wrong, or was revoked"),
    403: (Forbidden, "this key lacks the scope or permission for it"),
    404: (NotFound, "no such record, or not visible to this key"),
}


@dataclass(frozen=True)
class RateLimit:
    """What one answer says of the team's budget, in cost points per clock minute."""

    cost: int
    remaining: int | None
    server_epoch_seconds: float | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> RateLimit:
        """An answer without the headers counts as one point, which is what most endpoints cost."""
        cost = _whole_number(headers.get("x-ratelimit-endpoint-cost"))
        return cls(
            cost=1 if cost is None else cost,
            remaining=_whole_number(headers.get("x-ratelimit-remaining-minute")),
            server_epoch_seconds=_http_date(headers.get("date")),
        )


@dataclass(frozen=True)
class Reply:
    """One successful answer: `data` is a record or a list of records, None where there is nothing to tell (204);
    `metadata` is {} where there is none, `cost` is what it took from the budget, in points.
    """

    data: Any
    metadata: Mapping[str, Any]
    cost: int = 1

    @property
    def next_page(self) -> int | None:
        """The next page's number; None at the end, and where a list does not page at all (/groups)."""
        number = self._paging.get("next_page")
        return number if isinstance(number, int) else None

    @property
    def total_pages(self) -> int | None:
        """Only present when asked for with include_paging_counts, and possibly capped: a hint, never an end."""
        number = self._paging.get("total_pages")
        return number if isinstance(number, int) else None

    @property
    def total_count(self) -> int | None:
        """How many records match, over all pages; see total_pages."""
        number = self._paging.get("total_count")
        return number if isinstance(number, int) else None

    @property
    def _paging(self) -> Mapping[str, Any]:
        paging = self.metadata.get("paging")
        return paging if isinstance(paging, Mapping) else {}


def decipher(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    """The answer's data and metadata.

    Raises: one of the errors of `errors.py`, with the status and SalesLoft's own words in the message.
    """
    if status >= 400:
        raise failure(status, headers, body)
    if status == 204:
        return Reply(data=None, metadata={}, cost=RateLimit.from_headers(headers).cost)
    content = _json(body)
    if not isinstance(content, dict) or "data" not in content:
        raise Garbled(f"{status} whose body has no `data`: {_excerpt(body)}", status=status)
    metadata = content.get("metadata")
    return Reply(
        data=content["data"],
        metadata=metadata if isinstance(metadata, dict) else {},
        cost=RateLimit.from_headers(headers).cost,
    )


def failure(status: int, headers: Mapping[str, str], body: bytes) -> SalesloftError:
    """The error that an answer with this status stands for; returned, so that the caller raises it."""
    said = _complaint(body)
    if status == 429:
        seconds = retry_after_seconds(headers.get("retry-after"), datetime.now(UTC))
        return RateLimited(f"429 {said}", retry_after_seconds=seconds)
    if status == 422:
        return Unprocessable(f"422 {said}", errors=_field_errors(body))
    if status >= 500:
        return ServerFailed(f"{status} {said}", status=status)
    kind, advice = _REFUSALS.get(status, (Refused, "the request is at fault"))
    return kind(f"{status} {said} ({advice})", status=status)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Seconds asked for by a Retry-After header: a number or an HTTP date; None where absent or nonsense."""
    if value is None:
        return None
    try:
        return max(0.0, float(value)) if value.strip()[:1].isdigit() else _until(value, now)
    except (TypeError, ValueError):
        return None


def check_echo(asked: Params, metadata: Mapping[str, Any]) -> None:
    """Compare what was asked with what SalesLoft says it applied.

    Unknown filters are ignored with a 200 and an out-of-range page size silently becomes 25, so the echo in
    `metadata` is the only sign. A list without that part of the metadata (/groups) has nothing to compare.
    Raises EchoMismatch, naming the parameter.
    """
    for name, value in asked.items():
        applied = _echo(name, metadata)
        if isinstance(value, str) and applied is not _NOTHING and not _same(value, applied):
            raise EchoMismatch(
                f"asked for {name}={value} but SalesLoft applied {applied!r}: "
                "the endpoint does not take this parameter, or the catalogue row is wrong"
            )


_NOTHING = object()
_ECHOED_AS = {"per_page": ("paging", "per_page"), "page": ("paging", "current_page")}
_SORTING = ("sort_by", "sort_direction")


def _echo(name: str, metadata: Mapping[str, Any]) -> object:
    if name in _ECHOED_AS:
        section, key = _ECHOED_AS[name]
        return (metadata.get(section) or {}).get(key, _NOTHING)
    if name in _SORTING:
        return (metadata.get("sorting") or {}).get(name, _NOTHING)
    if "[" in name and not name.endswith("[]"):
        field, operator = name.rstrip("]").split("[", 1)
        applied = (metadata.get("filtering") or {}).get(field)
        return applied.get(operator) if isinstance(applied, Mapping) else None
    return _NOTHING


def _same(asked: str, applied: object) -> bool:
    text = str(applied)
    if asked.upper() in ("ASC", "DESC"):
        return text.upper().startswith(asked.upper())  # echoed as "DESC NULLS LAST"
    if text == asked:
        return True
    try:
        return parse_instant(text) == parse_instant(asked)
    except ValueError:
        return False


def parse_instant(text: str) -> datetime:
    """A timestamp of SalesLoft as UTC. Offsets follow the key's user and change with daylight saving, so texts
    never compare. Raises ValueError for a text that is no timestamp or has no offset.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no UTC offset")
    return instant.astimezone(UTC)


def format_instant(instant: datetime) -> str:
    """All six digits: filters compare at microseconds, and fewer digits have been seen to lose rows."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _whole_number(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdecimal() else None


def _http_date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None


def _until(http_date: str, now: datetime) -> float:
    return max(0.0, (parsedate_to_datetime(http_date).astimezone(UTC) - now).total_seconds())


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Garbled(f"the body is not JSON ({error}): {_excerpt(body)}") from error


def _excerpt(body: bytes) -> str:
    """Only the shape: a body may hold people's addresses, and error texts travel into logs."""
    opening = body.lstrip()[:1].decode("ascii", "replace") or "nothing"
    return f"{len(body)} bytes that begin with {opening!r}"


def _complaint(body: bytes) -> str:
    """SalesLoft's own words: `errors` (by field), `error` (one text), or neither."""
    content = _object(body)
    return str(content.get("errors") or content.get("error") or f"(no explanation, {_excerpt(body)})")


def _field_errors(body: bytes) -> dict[str, list[str]]:
    errors = _object(body).get("errors")
    if not isinstance(errors, dict):
        return {}
    return {str(field): [str(message) for message in _listed(messages)] for field, messages in errors.items()}


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _listed(messages: object) -> list[object]:
    return messages if isinstance(messages, list) else [messages]
