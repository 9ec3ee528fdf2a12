"""SalesloftClient: one question, one answer, within the budget. What to ask next is walk.py's business.

    client.get("/people", {...})  ->  take points  ->  httpx  ->  protocol.decipher  ->  Reply, or an error

Reads are repeated where a repeat can help (errors.py decides which), a limited number of times with growing,
jittered waits. Safe to share among threads.
"""

from __future__ import annotations

import random

import httpx

from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.errors import RateLimited, SalesloftError, Unreachable
from salesloft_pipeline.salesloft.protocol import Params, RateLimit, Reply, check_echo, decipher

ATTEMPTS = 5
# A 429 does no harm and always passes, so it may be met more often than a fault.
RATE_LIMITED_ATTEMPTS = 20
FIRST_WAIT_SECONDS = 0.5
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
# Total cost by page number; what a request costs is only known from its answer, so this is what we hold for it.
_PAGE_COST = ((500, 30), (250, 10), (150, 8), (100, 3), (0, 1))


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
            reply = self._get_patiently(path, params)
            check_echo(params, reply.metadata)
        except SalesloftError as error:
            error.request = f"GET {path} page {params.get('page', '1')}"
            raise
        return reply

    def _get_patiently(self, path: str, params: Params) -> Reply:
        faults = limits = 0
        while True:
            try:
                return self._get_once(path, params)
            except RateLimited as error:
                limits += 1
                if limits == RATE_LIMITED_ATTEMPTS:
                    raise
                self._wait_out(error)
            except SalesloftError as error:
                faults += 1
                if not error.transient or faults == ATTEMPTS:
                    raise
                self.budget.pause(FIRST_WAIT_SECONDS * 2 ** (faults - 1) * random.uniform(0.5, 1.5))

    def _wait_out(self, limited: RateLimited) -> None:
        self.budget.exhausted()
        asked = limited.retry_after_seconds
        self.budget.pause(self.budget.seconds_to_next_minute() if asked is None else asked)

    def _get_once(self, path: str, params: Params) -> Reply:
        held = page_cost(int(str(params.get("page", "1"))))
        self.budget.take(held)
        rate, asked_at = None, self.budget.now()
        try:
            response = self._http.get(path, params=dict(params))
            rate = RateLimit.from_headers(response.headers)
            return decipher(response.status_code, response.headers, response.content)
        except httpx.HTTPError as error:
            raise Unreachable(f"no complete answer ({type(error).__name__}: {error})") from error
        finally:
            self.budget.settle(held, rate, self.budget.now() - asked_at)


def connect(api_url: str, auth: httpx.Auth, budget: Budget) -> SalesloftClient:
    """A client for the API at `api_url`, such as https://api.salesloft.com/v2. Opens no connection yet."""
    http = httpx.Client(
        base_url=api_url,
        auth=auth,
        timeout=TIMEOUT,
        headers={"accept": "application/json", "user-agent": "salesloft-pipeline"},
    )
    return SalesloftClient(http, budget)
