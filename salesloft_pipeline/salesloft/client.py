"""SalesloftClient: one question, one answer, within the budget. What to ask next is walk.py's business.

    client.get("/people", {...})  ->  take points  ->  httpx  ->  protocol.decipher  ->  Reply, or an error

Repeated where a repeat can help (errors.py decides which), a limited number of times with growing, jittered waits:
reads, and writes that do the same when done twice. A write whose repeat could do it twice is repeated after a 429
alone, which did nothing. Safe to share among threads.
"""

from __future__ import annotations

import logging
import random
import re
import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.errors import RateLimited, SalesloftError, Unreachable
from salesloft_pipeline.salesloft.protocol import Params, RateLimit, Reply, check_echo, decipher
from salesloft_pipeline.tracing import current, span

_log = logging.getLogger(__name__)
ATTEMPTS = 5
# A 429 does no harm and always passes, so it may be met more often than a fault.
RATE_LIMITED_ATTEMPTS = 20
FIRST_WAIT_SECONDS = 0.5
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
# Total cost by page number; what a request costs is only known from its answer, so this is what we hold for it.
_PAGE_COST = ((500, 30), (250, 10), (150, 8), (100, 3), (0, 1))
# A trace tells of a path its words alone: what else stands in one is some record's.
_ID = re.compile(r"/(?![a-z_]+(?:/|$))[^/]+")


def page_cost(page: int) -> int:
    """Cost points of a list request for this page number.

    https://developers.salesloft.com/docs/platform/api-basics/rate-limits/
    """
    return next(cost for above, cost in _PAGE_COST if page > above)


class SalesloftClient:
    """SalesLoft's REST API v2. http: an httpx.Client with base_url and auth set; budget: shared by all threads."""

    def __init__(self, http: httpx.Client, budget: Budget) -> None:
        self.budget = budget
        self._http = http

    def get(self, path: str, params: Params | None = None) -> Reply:
        """The answer to a GET, its echo checked against `params`.

        Raises: Refused at once; Transient or Garbled after the last attempt; EchoMismatch.
        """
        params = params or {}
        try:
            page = int(str(params.get("page", "1")))
            reply = self._patiently("GET", path, page_cost(page), params=dict(params))
            check_echo(params, reply.metadata)
        except SalesloftError as error:
            error.request = f"GET {path} page {params.get('page', '1')}"
            raise
        return reply

    def create(self, path: str, body: Mapping[str, Any], *, harmless_again: bool = False) -> Reply:
        """The answer to a POST of `body` as JSON; harmless_again: may the same request be sent twice?

        Raises: Refused at once; Transient or Garbled, after which it may or may not have happened: look first.
        """
        return self._write("POST", path, harmless_again, json=dict(body))

    def update(self, path: str, body: Mapping[str, Any]) -> Reply:
        """The answer to a PUT of `body` as JSON, which does the same when done twice. Raises as `get`."""
        return self._write("PUT", path, json=dict(body))

    def delete(self, path: str) -> Reply:
        """The answer to a DELETE, without data; what is gone already is no error to SalesLoft. Raises as `get`."""
        return self._write("DELETE", path)

    def _write(self, method: str, path: str, harmless_again: bool = True, **sent: Any) -> Reply:
        try:
            return self._patiently(method, path, page_cost(1), harmless_again, **sent)
        except SalesloftError as error:
            error.request = f"{method} {path}"
            raise

    def _patiently(
        self, method: str, path: str, held: int, harmless_again: bool = True, **sent: Any
    ) -> Reply:
        faults = limits = 0
        # Attempts of one request share it; SalesLoft's answers carry no id of their own.
        request_id = uuid.uuid4().hex
        while True:
            try:
                with span(f"{method} {_ID.sub('/{id}', path)}", request_id=request_id):
                    return self._once(method, path, held, **sent)
            except RateLimited as error:
                limits += 1
                _note(error, request_id, method, path, limits)
                if limits == RATE_LIMITED_ATTEMPTS:
                    raise
                self._wait_out(error)
            except SalesloftError as error:
                faults += 1
                _note(error, request_id, method, path, faults)
                if not error.transient or not harmless_again or faults == ATTEMPTS:
                    raise
                jitter = random.uniform(0.5, 1.5)  # noqa: S311  # nothing secret hangs on it
                self.budget.pause(FIRST_WAIT_SECONDS * 2 ** (faults - 1) * jitter)

    def _wait_out(self, limited: RateLimited) -> None:
        self.budget.exhausted()
        asked = limited.retry_after_seconds
        self.budget.pause(self.budget.seconds_to_next_minute() if asked is None else asked)

    def _once(self, method: str, path: str, held: int, **sent: Any) -> Reply:
        self.budget.take(held)
        rate, asked_at = None, self.budget.now()
        try:
            response = self._http.request(method, path, **sent)
            rate = RateLimit.from_headers(response.headers)
            current().tell(**{"http.response.status_code": response.status_code, "points": rate.cost})
            return decipher(response.status_code, response.headers, response.content)
        except httpx.HTTPError as error:
            raise Unreachable(f"no complete answer ({type(error).__name__}: {error})") from error
        finally:
            self.budget.settle(held, rate, self.budget.now() - asked_at)


def _note(error: SalesloftError, request_id: str, method: str, path: str, attempt: int) -> None:
    """A line in the log for an attempt that failed; without parameters, which may name a person."""
    told = {
        "request_id": request_id,
        "attempt": attempt,
        "status": error.status,
        "error_type": type(error).__name__,
    }
    _log.info("%s %s was not answered as it should be", method, path, extra=told)


def connect(api_url: str, auth: httpx.Auth, budget: Budget) -> SalesloftClient:
    """A client for the API at `api_url`, such as https://api.salesloft.com/v2. Opens no connection yet."""
    http = httpx.Client(
        base_url=api_url,
        auth=auth,
        timeout=TIMEOUT,
        headers={"accept": "application/json", "user-agent": "salesloft-pipeline"},
    )
    return SalesloftClient(http, budget)
