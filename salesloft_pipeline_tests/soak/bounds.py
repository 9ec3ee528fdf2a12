"""What may not grow over a day, and what may not be used up: memory, file handles, points."""

from __future__ import annotations

from collections.abc import Iterator

from salesloft_pipeline_tests.soak.check import Check
from salesloft_pipeline_tests.soak.day import Day
from salesloft_pipeline_tests.soak.place import BEGAN
from salesloft_pipeline_tests.soak.samples import floors, longest_life, warm

# By then all code is read, and each kind of work was done once: seconds of CPU.
WARM_UP = {"daemon": 3.5, "receiver": 1.0}
# A life that was looked at less often when warm is too short to tell.
LOOKS_AT_LEAST = 40
# Growth from the second to the last quarter of that: a share, or where that is little, so much.
GROWTH = 0.10
MEMORY_MIB, HANDLES = 15.0, 3.0


def growth(day: Day) -> Iterator[Check]:
    """Memory and handles of the longest life of each process, its beginning aside; nothing of one too short to tell."""
    for name, seconds in WARM_UP.items():
        life = warm(longest_life(day.samples, name), seconds)
        if len(life) < LOOKS_AT_LEAST:
            continue
        hours = (life[-1].at - life[0].at).total_seconds() / 3600
        for measure, unit, little in (("memory", "MiB", MEMORY_MIB), ("handles", "handles", HANDLES)):
            second, last = floors(life, measure)
            allowed = max(GROWTH * second, little)
            yield Check(
                f"{measure} of the {name} stays flat",
                last - second <= allowed,
                f"at least {second:.0f} in the second quarter, {last:.0f} {unit} in the last of {hours:.1f} hours "
                f"after the first {seconds:.0f} s of CPU; allowed: {allowed:+.0f}",
            )


def points(day: Day) -> Iterator[Check]:
    """Of each minute, and of the day."""
    size, first, last = day.place.size, BEGAN.timestamp() / 60, day.end.timestamp() / 60
    paid = {minute: points for minute, points in day.place.meter.paid.items() if first <= minute < last}
    share = int(size.points_per_minute * size.share)
    most, refused = max(paid.values()), sum(each.status == 429 for each in list(day.place.world.log))
    full = sum(points >= share for points in paid.values())
    yield Check(
        "no minute takes more points than our share",
        most <= share,
        f"at most {most} of {share} in a minute ({size.points_per_minute} x {size.share}), {full} minutes used in "
        f"full, {refused} answers 429",
    )
    spent, granted = sum(paid.values()), round(share * 60 * day.hours)
    yield Check(
        "the day takes less than our share", spent <= granted, f"{spent:,} of {granted:,} points of the day"
    )
