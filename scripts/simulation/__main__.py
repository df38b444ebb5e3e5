"""`scripts/simulate`: what is asked for, and what came of it as the exit code."""

import argparse
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import uvloop

from scripts.simulation.accounts import NotReadyError
from scripts.simulation.run import simulate
from scripts.simulation.world import Plan

MOST_TABLETS = 5000


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/simulate",
        description="Drives a running demo as N tablets and their office. Exit code 0: everything that was confirmed stands in the log.",
    )
    parser.add_argument(
        "--workers", type=_at_least(1), required=True, help="tablets; beyond the demo's workers they share accounts"
    )
    parser.add_argument("--minutes", type=_positive, required=True, help="how long; a fraction will do")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the server (default: %(default)s)")
    parser.add_argument(
        "--supervisors", type=_at_least(2), help="acceptors and dispatchers (default: one for four tablets, at least 4)"
    )
    parser.add_argument(
        "--every", type=_positive, default=30, help="seconds between two reports of a tablet (default: %(default)s)"
    )
    parser.add_argument(
        "--think", type=_positive, default=1, help="seconds before a person's next step (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same number, the same plan (default: %(default)s)")
    parser.add_argument(
        "--acknowledged", type=Path, metavar="FILE", help="write each confirmed write to a case there: id and version"
    )
    return parser.parse_args()


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not least <= int(text) <= MOST_TABLETS:
            raise argparse.ArgumentTypeError(f"{text}: {least} to {MOST_TABLETS}")
        return int(text)

    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text}: more than 0")
    return number


def main() -> int:
    asked = parse()
    plan = Plan(
        url=asked.url.rstrip("/"), workers=asked.workers, supervisors=asked.supervisors or max(4, asked.workers // 4),
        seconds=asked.minutes * 60, every=asked.every, think=asked.think, seed=asked.seed,
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(asked.acknowledged.open("w")) if asked.acknowledged else None
        try:
            return 0 if uvloop.run(simulate(plan, file)) else 1
        except NotReadyError as reason:
            print(reason, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
