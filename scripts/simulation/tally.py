"""What happened, in sums. Never by person: this measures the system, nobody who works with it."""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from scripts.support.cursors import Event
from scripts.support.rates import quantile

MOST_LATENCIES = 50_000
EXPECTED = frozenset({"stale", "wrong_state"})  # somebody was faster: that is life


class Tally:
    """Counts everything; `confirmed` holds the writes to cases, as (case, version), until they are found in the log."""

    def __init__(self, acknowledged: TextIO | None = None) -> None:
        self.began = time.monotonic()
        self.writes: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.confirmed: set[tuple[str, int]] = set()
        self.events = 0
        self.live = 0
        self.latencies: list[float] = []  # milliseconds; a sample of all once there are many
        self.recent: list[float] = []
        self.retries: Callable[[], int] = lambda: 0
        self._file = acknowledged
        self._before = (self.began, 0, 0)

    def begin(self) -> None:
        """The work begins now; what was counted while everybody got ready is forgotten."""
        self.began = time.monotonic()
        self.writes.clear()
        self._before = (self.began, 0, self.events)

    @property
    def opened(self) -> int:
        return self.writes["report"] + self.writes["self_handle"]

    @property
    def closed(self) -> int:
        return self.writes["close"] + self.writes["self_handle"]

    def wrote(self, what: str, card: dict[str, Any] | None = None) -> None:
        """A write was confirmed; `card` is the case as it is after it."""
        self.writes[what] += 1
        if card:
            self.confirmed.add((card["id"], card["version"]))
            if self._file:
                print(card["id"], card["version"], file=self._file, flush=True)

    def heard(self, event: Event, live: bool) -> None:
        """An event arrived at a screen; one that a catch-up brought has no latency."""
        self.events += 1
        if not live:
            return
        self.live += 1
        passed = (datetime.now(UTC) - datetime.fromisoformat(event["at"])).total_seconds() * 1000
        self.recent.append(passed)
        if len(self.latencies) < MOST_LATENCIES:
            self.latencies.append(passed)
        elif (place := random.randrange(self.live)) < MOST_LATENCIES:  # noqa: S311  # a fair sample
            self.latencies[place] = passed

    def line(self) -> str:
        """The time since the last line in one."""
        now, writes = time.monotonic(), self.writes.total()
        then, before, events = self._before
        seconds = max(now - then, 0.001)
        recent, self.recent = self.recent, []
        self._before = (now, writes, self.events)
        return (
            f"{now - self.began:5.0f} s  {(writes - before) / seconds:6.1f} writes/s  opened {self.opened}  closed {self.closed}"
            f"  events {(self.events - events) / seconds:7.1f}/s  commit→screen p50 {_ms(recent, 0.5)} p99 {_ms(recent, 0.99)}"
            f"  retries {self.retries()}  refused {_codes(self.refusals)}"
        )

    def table(self, seconds: float) -> list[tuple[str, str]]:
        """All of it, for `seconds` of work."""
        writes = self.writes.total()
        steps = {name: n for name, n in self.writes.items() if name not in ("position", "duty")}
        return [
            ("time", f"{seconds:.0f} s"),
            ("writes", f"{writes} ({writes / max(seconds, 0.001):.1f}/s), of them {self.writes['position']} positions"),
            ("writes to cases", ", ".join(f"{name} {n}" for name, n in sorted(steps.items())) or "none"),
            ("cases opened", str(self.opened)),
            ("cases closed", f"{self.closed}, declined {self.writes['decline']}"),
            ("events received", f"{self.events}, of them {self.events - self.live} by catching up"),
            ("commit→screen", f"p50 {_ms(self.latencies, 0.5)}, p99 {_ms(self.latencies, 0.99)}"),
            ("retries", str(self.retries())),
            ("refusals", _codes(self.refusals)),
        ]

    @property
    def unexpected(self) -> dict[str, int]:
        return {code: n for code, n in self.refusals.items() if code not in EXPECTED}


def _ms(values: list[float], share: float) -> str:
    return f"{quantile(values, share):.0f} ms" if values else "–"


def _codes(refusals: Counter[str]) -> str:
    return ", ".join(f"{code} {n}" for code, n in refusals.most_common()) or "none"
