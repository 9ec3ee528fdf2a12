"""Who may ask: a key belongs to a user, whose clock and rights decide what the answers look like."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

DEMO_KEY = "simulator-key"
CONTENTS_KEY = "simulator-key-with-contents"
SCOPES = frozenset(
    f"{name}:read"
    for name in (
        "accounts people opportunities activities cadences calls conversations crm emails meetings notes tasks "
        "actions team external_id"
    ).split()
)


@dataclass(frozen=True)
class Key:
    """`user` is a row of users; a key without `admin` sees only its own actions."""

    user: int = 0
    zone: ZoneInfo = ZoneInfo("America/New_York")
    admin: bool = True
    scopes: frozenset[str] = SCOPES


def demo_keys(zone: str = "America/New_York") -> dict[str, Key]:
    """An ordinary administrator's key, and one that may also read subjects and bodies of emails."""
    everyday = Key(zone=ZoneInfo(zone))
    return {DEMO_KEY: everyday, CONTENTS_KEY: Key(zone=ZoneInfo(zone), scopes=SCOPES | {"email_contents:read"})}
