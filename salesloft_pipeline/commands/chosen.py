"""Names of resources, as typed, to rows of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from salesloft_pipeline.salesloft.endpoints import Endpoint


def chosen(names: str, known: Mapping[str, Endpoint] | None = None) -> list[Endpoint]:
    """The endpoints named, separated by commas. known: those there are, by name; the whole catalogue when left out.

    Raises click.BadParameter that lists the names there are.
    """
    from salesloft_pipeline.salesloft.endpoints import BY_NAME

    known = BY_NAME if known is None else known
    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in known]:
        raise click.BadParameter(
            f"no resource is called {' or '.join(unknown)}: choose from {', '.join(sorted(known))}",
            param_hint="--only",
        )
    return [known[name] for name in wanted]
