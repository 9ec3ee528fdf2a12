"""Who may ask: a key belongs to a user, whose clock and rights decide what the answers look like."""

from __future__ import annotations

from dataclasses import dataclass, replace

DEMO_KEY = "simulator-key"
CONTENTS_KEY = "simulator-key-with-contents"
# What a key needs to write; a key that is made without a word about scopes only reads.
WRITING = frozenset({"people:write", "cadences:write", "person:set_crm_id"})
SCOPES = frozenset(
    f"{name}:read"
    for name in (
        *("accounts", "people", "opportunities", "activities", "cadences", "calls", "conversations", "crm"),
        *("emails", "meetings", "notes", "tasks", "team", "external_id", "external_id_configuration"),
        *("signal_registrations", "workflow", "audit_reports", "data_control"),
    )
)


@dataclass(frozen=True)
class Key:
    """`user` is a row of users, `zone` an IANA name; a key without `admin` sees only its own actions.

    `visible_share` is the share of people it sees, always the same ones, with all that hangs on them.
    """

    user: int = 0
    zone: str = "America/New_York"
    admin: bool = True
    scopes: frozenset[str] = SCOPES
    visible_share: float = 1.0

    def without(self, *scopes: str) -> Key:
        """The same key with fewer scopes. Raises ValueError for a scope it does not have."""
        if missing := set(scopes) - self.scopes:
            raise ValueError(f"the key does not have {sorted(missing)}; it has {sorted(self.scopes)}")
        return replace(self, scopes=self.scopes - set(scopes))


def demo_keys(zone: str = "America/New_York") -> dict[str, Key]:
    """An ordinary administrator's key, and one that may also read subjects and bodies of emails; both may write."""
    plain = Key(zone=zone, scopes=SCOPES | WRITING)
    return {DEMO_KEY: plain, CONTENTS_KEY: replace(plain, scopes=plain.scopes | {"email_contents:read"})}
