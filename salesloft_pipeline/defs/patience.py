"""A server that is restarted is back in a moment: what it broke off is tried again, twice, and nothing else is."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from salesloft_pipeline.warehouse import went_away

TRIES_MORE = 2
SECONDS_BETWEEN = 15


@contextmanager
def patient() -> Iterator[None]:
    """Of the step in whose body this is: run it again when the warehouse went away in this block."""
    try:
        yield
    except Exception as error:
        if went_away(error):
            raise dg.RetryRequested(TRIES_MORE, SECONDS_BETWEEN) from error
        raise
