"""What is looked at in SalesLoft: whose key it is, of which team, what it may read and spend, what time it is there."""

from __future__ import annotations

import time

from salesloft_pipeline.doctor.finding import Doubtful, Patient, Unwell
from salesloft_pipeline.ingest import identity
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Reading
from salesloft_pipeline.salesloft.sampling import sample

# A minute of points may be counted wrongly for as long as the clocks differ; beyond this somebody's clock is broken.
SKEW_SECONDS_AT_MOST = 30


def key(patient: Patient) -> str:
    """Who the key or the OAuth app is to SalesLoft."""
    me, team = patient.client.get("/me").data, patient.client.get("/team").data
    role = (me.get("role") or {}).get("id")
    who = f"user {me.get('id')} with role {role} of team {team.get('id')} at {patient.settings.salesloft_api_url}"
    if role != "Admin":
        raise Doubtful(f"{who}: only an admin's key sees everything a warehouse wants")
    return who


def team(patient: Patient) -> str:
    """Is the warehouse the team's own?"""
    ours, theirs = identity.team_of(patient.client), identity.team_in(patient.warehouse)
    if theirs not in (None, ours):
        raise Unwell(
            f"the warehouse holds the data of team {theirs}, and the key belongs to team {ours}: no sync will run. Use "
            "a warehouse of its own for each team (WAREHOUSE_URL), or the right key"
        )
    return f"the warehouse holds the data of team {ours}" if theirs else "the warehouse is still nobody's"


def budget(patient: Patient) -> str:
    """What is left of this minute's points."""
    left = patient.client.budget.left_this_minute
    if not left:
        raise Doubtful(
            "no points are left to us in this minute: a sync is at work, or another tool of your team spends them; "
            "SALESLOFT_BUDGET_SHARE says how many are ours"
        )
    return f"{left} points are ours to spend in what is left of this minute"


def access(patient: Patient) -> str:
    """One record of each list, as long as this minute's points allow: nobody waits a minute for a doctor."""
    lists = [endpoint for endpoint in ENDPOINTS if endpoint.reading is not Reading.PER_PARENT]
    if patient.client.budget.left_this_minute < len(lists):
        raise Doubtful(f"not asked, because it takes {len(lists)} points: try again in the next minute")
    refused = [each for each in sample(patient.client, lists, rows=1) if each.refusal]
    if not refused:
        return f"the key may read all {len(lists)} lists"
    closed = ", ".join(f"{each.endpoint.name} ({each.endpoint.scope})" for each in refused)
    raise Doubtful(
        f"the key may read {len(lists) - len(refused)} of {len(lists)} lists, and not (needs): {closed}"
    )


def clock(patient: Patient) -> str:
    """How far our clock is from the Date of SalesLoft's answers."""
    seconds = round(time.time() - patient.client.budget.now())
    if abs(seconds) > SKEW_SECONDS_AT_MOST:
        how = "ahead of" if seconds > 0 else "behind"
        raise Doubtful(
            f"this machine is {abs(seconds)} seconds {how} SalesLoft: let it set its clock by NTP, or freshness and "
            "the order of what came when are told wrongly"
        )
    return "this machine and SalesLoft agree on the time"
