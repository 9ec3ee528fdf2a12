"""Errors as the person at the terminal sees them: those that teach are told in a line, the others are defects."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Any

import click

# Errors whose message is all that a person needs, and the exit code they stand for. By name, because importing
# their modules here would make `--help` wait for all of them.
TOLD = {
    "salesloft_pipeline.settings.SettingsError": 2,
    "salesloft_pipeline.salesloft.errors.Unauthorized": 2,
    "salesloft_pipeline.salesloft.errors.SalesloftError": 1,
    "salesloft_pipeline.ingest.report.SyncFailed": 1,
    "salesloft_pipeline.engines.WarehouseError": 1,
    "salesloft_pipeline.transform.build.BuildError": 1,
    "salesloft_pipeline.transform.serving.ServingError": 1,
    "salesloft_pipeline.dashboard.build.DashboardError": 1,
    "salesloft_pipeline.report.frames.ReportSettingError": 2,
    "salesloft_pipeline.report.frames.ReportError": 1,
    "salesloft_pipeline.demo.DemoError": 1,
    "salesloft_pipeline.standin.StandinError": 1,
    "salesloft_pipeline.landing.store.LandingError": 1,
    "salesloft_pipeline.receiver.serve.ReceiverError": 1,
    "salesloft_pipeline.reverse_sync.errors.ReverseSyncError": 1,
}
# Databases and their drivers pass on what the system says, each in an error of its own.
FULL = [os.strerror(number) for number in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)]
MAKE_ROOM = "Make room and run it again: nothing is lost that was committed."


class _Told(click.ClickException):
    """An error as the person at the terminal sees it."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it for the class, and reads it here


class TellingGroup(click.Group):
    """Tells an error that teaches without a traceback; any other is a defect and shows where."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Exception as error:
            codes = (TOLD.get(f"{kind.__module__}.{kind.__qualname__}") for kind in type(error).__mro__)
            if (code := next(filter(None, codes), None)) is not None:
                raise _Told(str(error), code) from error
            if line := next(_of_a_full_disk(error), None):
                raise _Told(f"the disk is full: {line}. {MAKE_ROOM}", 1) from error
            raise


def _of_a_full_disk(error: BaseException | None) -> Iterator[str]:
    """The lines of an error, and of those that it came from, in which the system says that it cannot write any more."""
    while error:
        yield from (line for line in str(error).splitlines() if any(each in line for each in FULL))
        error = error.__cause__ or error.__context__
