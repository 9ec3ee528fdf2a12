"""All faults, in the order of the table."""

from __future__ import annotations

from salesloft_pipeline_tests.chaos import access, clocks, daemons, disk, network, processes, servers
from salesloft_pipeline_tests.chaos.fault import Engine, Fault

FAULTS: tuple[Fault, ...] = tuple(
    fault
    for family in (processes, daemons, network, access, servers, disk, clocks)
    for fault in family.FAULTS
)
PAIRS: tuple[tuple[Fault, Engine], ...] = tuple(
    (fault, engine) for fault in FAULTS for engine in fault.engines
)
