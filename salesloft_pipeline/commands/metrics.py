"""Numbers for other tools: what those of the warehouse mean (metrics), how reading goes (prometheus)."""

from __future__ import annotations

from pathlib import Path

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


@click.command()
@click.option("--to", "file", type=click.Path(path_type=Path), help="Write to this file instead, at once.")
def prometheus(file: Path | None) -> None:
    """Print how reading goes, for Prometheus: lag, rows, points, requests and errors of each resource.

    Example: salesloft-pipeline prometheus --to /var/lib/node_exporter/salesloft.prom
    """
    from salesloft_pipeline import connections
    from salesloft_pipeline.ingest import exposition
    from salesloft_pipeline.settings import load_settings

    warehouse = connections.warehouse(load_settings())
    if file:
        exposition.write(warehouse, file)
    else:
        click.echo(exposition.exposition(warehouse), nl=False)
