"""The tests of the marts, once for each mutant of their SQL, each in a process forked from one that has all at hand.

Importing, collecting and the first empty warehouse cost more than a mutant does, so they are paid once. The tests that
killed the most of a mart's mutants for the least time go first, the others as they were named. Those that take a
warehouse that is built already stay out: it was built of what is not mutated.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from _pytest.runner import runtestprotocol

from mutation.outcome import Outcome
from salesloft_pipeline.transform import build
from salesloft_pipeline.transform.marts import Mart

# Ten times what all of them take together.
_CPU_SECONDS = 300
_AT_ONCE = 2
_FOLDER = "salesloft_pipeline/transform/mart"


@dataclass(frozen=True)
class Mutant:
    """A mart whose SQL differs in one token; line: the changed line as it now stands."""

    mart: Mart
    number: int
    line: str


class Trials:
    """A plugin for pytest: outcomes, of each mutant in turn, once its loop has run.

    `marts`: what a build makes, in order. Raises Failed when a test fails though nothing is changed.
    """

    def __init__(self, marts: Sequence[Mart], mutants: Sequence[Mutant]) -> None:
        self.outcomes: list[Outcome] = []
        self._marts, self._mutants = tuple(marts), mutants
        self._seconds: dict[pytest.Item, float] = {}
        self._kills: Counter[tuple[str, pytest.Item]] = Counter()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what does not build."""
        items[:] = [item for item in items if "built_warehouse" not in getattr(item, "fixturenames", ())]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Once as it is, and then each mutant."""
        _build_of(self._marts)
        for item in session.items:
            begun = time.process_time()
            if _fails(item):
                pytest.fail(f"{item.nodeid} fails without any change: mend that first", pytrace=False)
            self._seconds[item] = time.process_time() - begun
        running: dict[int, tuple[Mutant, list[pytest.Item]]] = {}
        for mutant in self._mutants:
            if len(running) == _AT_ONCE:
                self._ended(running)
            tests = self._in_order(mutant.mart.name)
            running[self._forked(tests, mutant)] = mutant, tests
        while running:
            self._ended(running)
        return True

    def _in_order(self, name: str) -> list[pytest.Item]:
        return sorted(
            self._seconds, key=lambda item: self._kills[name, item] / self._seconds[item], reverse=True
        )

    def _forked(self, tests: Sequence[pytest.Item], mutant: Mutant) -> int:
        """A process that builds with it: its exit code is the place of the first test to fail, or 0."""
        child = os.fork()
        if child:
            return child
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
            _build_of(tuple(mutant.mart if each.name == mutant.mart.name else each for each in self._marts))
            os._exit(next((place for place, test in enumerate(tests, start=1) if _fails(test)), 0))
        finally:
            os.abort()

    def _ended(self, running: dict[int, tuple[Mutant, list[pytest.Item]]]) -> None:
        child, status = os.wait()
        mutant, tests = running.pop(child)
        name, killer = mutant.mart.name, os.waitstatus_to_exitcode(status)
        if killer > 0:
            self._kills[name, tests[killer - 1]] += 1
        by = tests[killer - 1].name if killer > 0 else "SURVIVED" if not killer else f"signal {-killer}"
        print(f"{name}:{mutant.number}  {mutant.line}  {by}", flush=True)
        file = f"{_FOLDER}/{'append/' if mutant.mart.appended else ''}{name}.sql"
        place, endless = f"line {mutant.number}", killer == -signal.SIGXCPU
        self.outcomes.append(Outcome(file, place, mutant.line, killer != 0, endless))


def _build_of(marts: tuple[Mart, ...]) -> None:
    assert build.__kwdefaults__
    build.__kwdefaults__["marts"] = marts


def _fails(item: pytest.Item) -> bool:
    # After it the session itself, so that what is made once stays.
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=item.session))  # type: ignore[arg-type]
