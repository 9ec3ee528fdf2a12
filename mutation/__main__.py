"""All mutants, one page.

make mutants                            a sample of each module and of the SQL, in half an hour; docs/mutants.md
make mutants ARGS="--sample 0 --sql 0"  all of them, in some hours
make mutants ARGS="--only sql"          the SQL, or python; nothing is written
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mutation import marts, python
from mutation.outcome import Outcome, reasons
from mutation.page import page, unexplained

_PAGE = Path("docs/mutants.md")
_KINDS = {"sql": marts.outcomes, "python": python.outcomes}


@click.command()
@click.option("--only", type=click.Choice(list(_KINDS)))
@click.option("--sample", default=60, show_default=True, help="Mutants of each Python module; 0: all.")
@click.option("--sql", default=120, show_default=True, help="Mutants of the SQL; 0: all.")
@click.option("--seed", default=1, show_default=True, help="Which ones are drawn.")
def main(only: str | None, sample: int, sql: int, seed: int) -> None:
    """Make them, run the tests, write the page; exit code 1 where a survivor is not explained."""
    found: list[Outcome] = []
    for kind, outcomes in _KINDS.items():
        if only in (None, kind):
            found += outcomes(sql if kind == "sql" else sample, seed)
    known = reasons()
    why = {
        each: next(reason for reason in known if reason.explains(each))
        for each in found
        if not each.killed and any(reason.explains(each) for reason in known)
    }
    text = page(found, why, sample, sql, seed)
    click.echo(text)
    if only is None:
        _PAGE.write_text(text, encoding="utf-8")
    sys.exit(1 if unexplained(found, why) else 0)


if __name__ == "__main__":
    main()
