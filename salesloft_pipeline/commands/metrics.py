"""What the numbers of the warehouse mean, for tools that want to know: metrics."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--format",
    "wanted",
    type=click.Choice(["ossie", "cube"]),
    default="ossie",
    show_default=True,
    help="JSON of Apache Ossie 0.1.1 (once Open Semantic Interchange), or a data model of Cube.",
)
def metrics(wanted: str) -> None:
    """Print the metrics, with the tables they are made of, for a semantic layer.

    Example: salesloft-pipeline metrics --format cube > model/salesloft.yml
    """
    from salesloft_pipeline.transform import exports

    click.echo({"ossie": exports.ossie, "cube": exports.cube}[wanted]())
