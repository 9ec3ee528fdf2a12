"""Reading an answer: data, cost, errors and echo out of (status, headers, body)."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesloft_pipeline.salesloft import errors
from salesloft_pipeline.salesloft.protocol import (
    RateLimit,
    check_echo,
    decipher,
    format_instant,
    parse_instant,
    retry_after_seconds,
)

NOON = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


def answer(data: object, **metadata: object) -> bytes:
    return json.dumps({"metadata": metadata, "data": data}).encode()


def test_a_list_tells_its_data_its_next_page_and_its_cost() -> None:
    """What a caller needs of a page is there by name."""
    reply = decipher(200, {"x-ratelimit-endpoint-cost": "3"}, answer([{"id": 1}], paging={"next_page": 2}))
    assert (reply.data, reply.next_page, reply.cost) == ([{"id": 1}], 2, 3)


@pytest.mark.parametrize("metadata", [{}, {"paging": None}, {"paging": {}}, {"paging": {"next_page": None}}])
def test_a_list_that_does_not_page_has_no_next_page(metadata: dict[str, object]) -> None:
    """/groups has no paging and /users may have none: that is an end, not a KeyError."""
    assert decipher(200, {}, answer([], **metadata)).next_page is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, b'{"error":"No Bearer Token attached"}', errors.Unauthorized, "SALESLOFT_API_KEY"),
        (403, b'{"error":"no"}', errors.Forbidden, "scope"),
        (404, b'{"error":"Not found"}', errors.NotFound, "Not found"),
        (422, b'{"errors":{"updated_at":["is invalid"]}}', errors.Unprocessable, "is invalid"),
        (422, b'{"error":"scoped field(s)"}', errors.Unprocessable, "scoped field(s)"),
        (429, b'{"error":"API rate limit exceeded"}', errors.RateLimited, "rate limit"),
        (500, b'{"status":500,"error":"Internal Server Error"}', errors.ServerFailed, "Internal"),
        (502, b"<html>Bad gateway</html>", errors.ServerFailed, "502"),
        (418, b"[]", errors.Refused, "418"),
    ],
)
def test_each_failure_has_its_own_error_and_keeps_the_words(
    status: int, body: bytes, kind: type[errors.SalesloftError], words: str
) -> None:
    """The error says which status came and repeats what SalesLoft said."""
    with pytest.raises(kind, match=str(status)) as caught:
        decipher(status, {}, body)
    assert words in str(caught.value)


def test_only_the_moment_is_retried() -> None:
    """Transient is what a repeat can heal; a refusal is not."""
    transient = {kind for kind in _tree(errors.SalesloftError) if kind.transient}
    assert transient == {
        errors.Transient,
        errors.RateLimited,
        errors.ServerFailed,
        errors.Unreachable,
        errors.Garbled,
    }


def _tree(kind: type[errors.SalesloftError]) -> set[type[errors.SalesloftError]]:
    here = {child for child in kind.__subclasses__() if child.__module__ == errors.__name__}
    return here.union(*(_tree(child) for child in here))


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"metadata":{}}', b'{"data":[1,'])
def test_a_garbled_body_is_never_an_empty_list(body: bytes) -> None:
    """A proxy's page with status 200 must not look like "nothing new"."""
    with pytest.raises(errors.Garbled):
        decipher(200, {}, body)


@given(st.binary(max_size=60), st.integers(200, 599))
def test_any_bytes_give_an_answer_or_one_of_our_errors(body: bytes, status: int) -> None:
    """Nothing from outside raises anything else."""
    with contextlib.suppress(errors.SalesloftError):
        decipher(status, {}, body)


def test_a_body_is_never_repeated_in_an_error() -> None:
    """A body may hold people's addresses, and error texts go to logs."""
    with pytest.raises(errors.Garbled) as caught:
        decipher(200, {}, b'{"email_address": "ann@example.com"}')
    assert "ann@example.com" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "shape"),
    [(b"", "0 bytes that begin with 'nothing'"), (b" <html>", "7 bytes that begin with '<'")],
)
def test_a_garbled_body_is_told_by_its_shape(body: bytes, shape: str) -> None:
    """How long it is and how it begins, and the status that it came with."""
    with pytest.raises(errors.Garbled) as caught:
        decipher(200, {}, body)
    assert shape in str(caught.value)
    with pytest.raises(errors.Garbled, match="201 whose body has no `data`") as caught:
        decipher(201, {}, b"{}")
    assert caught.value.status == 201


def test_a_429_that_names_a_date_is_waited_out() -> None:
    """From now on, by our clock."""
    with pytest.raises(errors.RateLimited) as caught:
        decipher(429, {"retry-after": "Thu, 12 Nov 2065 12:00:30 GMT"}, b"{}")
    assert (caught.value.retry_after_seconds or 0) > 10**6


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (" 1.5 ", 1.5),
        ("8 ", 8.0),
        ("Thu, 12 Nov 2026 12:00:30 GMT", 30.0),
        ("Thu, 12 Nov 2026 11:00:00 GMT", 0.0),
        (None, None),
        ("soon", None),
        ("", None),
        ("6o", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(header: str | None, seconds: float | None) -> None:
    """Seconds and dates are understood; junk is as good as absent."""
    assert retry_after_seconds(header, NOON) == seconds


def test_headers_that_are_absent_or_junk_count_one_point() -> None:
    """No header is documented as guaranteed."""
    assert RateLimit.from_headers({}) == RateLimit(1, None, None)
    assert RateLimit.from_headers({"x-ratelimit-endpoint-cost": "x", "date": "x"}).cost == 1


def test_an_answer_tells_the_budget_what_it_cost_and_when_it_was() -> None:
    """Cost, what is left, and SalesLoft's clock, in seconds since 1970."""
    headers = {
        "x-ratelimit-endpoint-cost": "3",
        "x-ratelimit-remaining-minute": "597",
        "date": "Thu, 12 Nov 2026 12:00:00 GMT",
    }
    assert RateLimit.from_headers(headers) == RateLimit(3, 597, NOON.timestamp())
    assert RateLimit.from_headers({"x-ratelimit-endpoint-cost": "0", "date": ""}) == RateLimit(0, None, None)


def test_counts_are_read_where_they_are_told() -> None:
    """Pages and records in all; what is no number is not told."""
    told = decipher(200, {}, answer([], paging={"total_pages": 3, "total_count": 250}))
    assert (told.total_pages, told.total_count) == (3, 250)
    junk = decipher(200, {}, answer([], paging={"total_pages": "3", "total_count": None}))
    assert (junk.total_pages, junk.total_count, junk.next_page) == (None, None, None)
    assert decipher(200, {}, b'{"data": 1, "metadata": [2]}').metadata == {}


def test_what_is_deleted_answers_with_nothing() -> None:
    """204 has neither body nor data, and costs what it says."""
    gone = decipher(204, {"x-ratelimit-endpoint-cost": "2"}, b"")
    assert (gone.data, gone.metadata, gone.cost) == (None, {}, 2)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"errors":{"a":["is bad",1],"b":"is worse"}}', {"a": ["is bad", "1"], "b": ["is worse"]}),
        (b'{"errors":"all of it"}', {}),
        (b"[1]", {}),
        (b"", {}),
    ],
)
def test_a_422_tells_what_is_wrong_by_field(body: bytes, told: dict[str, list[str]]) -> None:
    """A text alone is a list of one; what has another shape names no field."""
    with pytest.raises(errors.Unprocessable) as caught:
        decipher(422, {}, body)
    assert caught.value.errors == told


ASKED = {
    "updated_at[gte]": "2026-11-12T12:00:00.000000Z",
    "sort_by": "updated_at",
    "sort_direction": "ASC",
    "per_page": "100",
    "page": "1",
}
ECHO = {
    "filtering": {"updated_at": {"gte": "2026-11-12T07:00:00.000000-05:00"}},
    "sorting": {"sort_by": "updated_at", "sort_direction": "ASC NULLS FIRST"},
    "paging": {"per_page": 100, "current_page": 1, "next_page": None},
}


def test_an_echo_in_other_words_is_the_same() -> None:
    """Another offset is the same instant, and the direction comes with its null order."""
    check_echo(ASKED, ECHO)


@pytest.mark.parametrize(
    "wrong",
    [
        {"filtering": {}},
        {"filtering": {"updated_at": {"gt": "2026-11-12T12:00:00Z"}}},
        {"filtering": {"updated_at": {"gte": "2026-11-12T12:00:00.000001Z"}}},
        {"sorting": {"sort_by": "id", "sort_direction": "ASC NULLS FIRST"}},
        {"sorting": {"sort_by": "updated_at", "sort_direction": "DESC NULLS LAST"}},
        {"paging": {"per_page": 25, "current_page": 1}},
        {"paging": {"per_page": 100, "current_page": 2}},
    ],
)
def test_a_question_that_did_not_take_effect_is_an_error(wrong: dict[str, object]) -> None:
    """An ignored filter answers 200 with everything; only the echo shows it."""
    with pytest.raises(errors.EchoMismatch):
        check_echo(ASKED, {**ECHO, **wrong})


def test_a_list_without_echo_has_nothing_to_compare() -> None:
    """/groups answers without metadata."""
    check_echo({"per_page": "100", "page": "1", "sort_by": "updated_at"}, {})


def test_lists_of_values_are_not_echoed_and_ranges_are() -> None:
    """`ids[]` comes back in no metadata; a filter with two brackets has its operator behind the first."""
    check_echo({"ids[]": "7", "expand[]": ["a"]}, {"filtering": {"ids": {"": "8"}}})
    check_echo({"custom[a][gte]": "7"}, {"filtering": {"custom": {"a][gte": 7}}})
    with pytest.raises(errors.EchoMismatch, match=r"asked for a\[gt\]=7 but SalesLoft applied '8'"):
        check_echo({"a[gt]": "7"}, {"filtering": {"a": {"gt": "8"}}})


@pytest.mark.parametrize("direction", ["ASC", "DESC", "desc"])
def test_a_direction_is_the_same_with_its_null_order(direction: str) -> None:
    """Either direction, however it is written, and not the other one."""
    check_echo({"sort_direction": direction}, {"sorting": {"sort_direction": f"{direction} NULLS LAST"}})
    other = "ASC" if direction.upper() == "DESC" else "DESC"
    with pytest.raises(errors.EchoMismatch):
        check_echo({"sort_direction": direction}, {"sorting": {"sort_direction": f"{other} NULLS LAST"}})


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 (hypothesis wants naive bounds)
def test_an_instant_survives_being_written(instant: datetime) -> None:
    """All six digits go out and come back."""
    moment = instant.replace(tzinfo=UTC)
    assert parse_instant(format_instant(moment)) == moment


def test_instants_of_two_offsets_compare_by_time_not_by_text() -> None:
    """01:30-04:00 is before 01:10-05:00 on the night the clocks go back."""
    assert parse_instant("2026-11-01T01:30:00.000000-04:00") < parse_instant(
        "2026-11-01T01:10:00.000000-05:00"
    )


def test_an_instant_without_offset_is_refused() -> None:
    """Guessing a zone would silently shift the data."""
    with pytest.raises(ValueError, match="offset"):
        parse_instant("2026-11-01T01:30:00")
