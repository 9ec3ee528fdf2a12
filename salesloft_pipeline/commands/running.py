"""What runs on this machine: demo, dev, receiver, simulator."""

from __future__ import annotations

import click


@click.command()
def demo() -> None:
    """Run everything once on a simulated SalesLoft, without an account.

    Example: salesloft-pipeline demo
    """
    from salesloft_pipeline.demo import run_demo

    run_demo()


@click.command()
@click.option("--port", default=3000, show_default=True, help="Port of Dagster's UI on 127.0.0.1.")
def dev(port: int) -> None:
    """Run Dagster's UI and daemon here until Ctrl-C; without a key, on a simulated SalesLoft.

    Example: salesloft-pipeline dev --port 3000
    """
    from salesloft_pipeline.dev import run_dev

    run_dev(port)


@click.command()
@click.option("--host", help="Address to listen on; RECEIVER_HOST when left out.")
@click.option("--port", type=int, help="Port to listen on; RECEIVER_PORT when left out.")
@click.option("--demo", is_flag=True, help="Believe a published token, on this machine only.")
def receiver(host: str | None, port: int | None, demo: bool) -> None:
    """Receive SalesLoft's webhooks: verify, keep on the disk, answer. Until Ctrl-C or SIGTERM.

    Example: salesloft-pipeline receiver --port 8088
    """
    from salesloft_pipeline.receiver import run_receiver
    from salesloft_pipeline.settings import load_settings

    run_receiver(load_settings(), host=host, port=port, demo=demo)


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def simulator(options: tuple[str, ...]) -> None:
    """Serve a simulated SalesLoft on this machine.

    Example: salesloft-pipeline simulator --port 8400 --people 2000 --emails 20000
    """
    from salesloft_pipeline.simulator.__main__ import main as serve

    serve(options)
