"""`python -m salesloft_pipeline.simulator`: a SalesLoft to try things on."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .serve import serve


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line (or `arguments`) and serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="salesloft-pipeline simulator",
        description="Serve a simulated SalesLoft on this machine.",
        epilog="Example: salesloft-pipeline simulator --port 8900 --people 2000 --emails 20000",
    )
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--emails", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=120, help="length of the history")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same team")
    parser.add_argument("--port", type=int, default=8900, help="0 takes any free port")
    parser.add_argument("--cost-per-minute", type=int, default=600, help="the team's budget in points")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast time runs; 0 stands still")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="wait before every answer")
    serve(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
