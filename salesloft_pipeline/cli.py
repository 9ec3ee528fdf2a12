"""The front door: `salesloft-pipeline <command>`. What a command does stands in commands/.

Exit codes: 0 done, 1 failed, 2 wrong use (a missing or wrong setting or option).
"""

from __future__ import annotations

import click

from salesloft_pipeline.commands import (
    account,
    cadences,
    looking,
    metrics,
    people,
    reading,
    running,
    webhooks,
)
from salesloft_pipeline.commands.told import TellingGroup


@click.group(cls=TellingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="salesloft-pipeline")
def main() -> None:
    """SalesLoft data in a warehouse you own."""


for command in (
    running.demo,
    running.dev,
    running.receiver,
    running.simulator,
    reading.sync,
    reading.plan,
    reading.sweep,
    reading.schema,
    people.people,
    cadences.cadences,
    webhooks.webhooks,
    looking.dashboard,
    looking.export,
    looking.report,
    metrics.metrics,
    metrics.prometheus,
    account.authorize,
    account.doctor,
    account.erase,
):
    main.add_command(command)
