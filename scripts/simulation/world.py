"""What everybody in a run shares: the town, the plan, which cases are ours, and when to stop."""

import asyncio
import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from incidents.catalogue import CASE_MIX
from scripts.simulation.roads import Road
from scripts.simulation.tally import Tally


@dataclass(frozen=True)
class Plan:
    """How a run is asked for; times in seconds."""

    url: str
    workers: int
    supervisors: int
    seconds: float
    every: float  # between two reports of a tablet, on average
    think: float  # before a person takes the next step, on average
    seed: int


@dataclass
class World:
    """`ours` are the cases of this run: those of others are left alone. `claimed` are in somebody's hands right now."""

    plan: Plan
    tally: Tally
    classes: dict[str, dict[str, Any]]
    served: set[int]  # departments that somebody works for
    roads: dict[str, list[Road]]
    walked: tuple[str, ...]  # the codes of the areas where workers walk
    pictures: list[bytes]
    ours: set[str] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, seconds: float) -> bool:
        """Wait; false as soon as the run is to end."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
        return not self.stopping.is_set()

    def class_of(self, rng: random.Random) -> dict[str, Any]:
        """A class, as often as the streets of the practice file it."""
        known = [(self.classes[str(key)], times) for key, times in CASE_MIX if str(key) in self.classes]
        if not known:
            return rng.choice(list(self.classes.values()))
        return rng.choices([klass for klass, _ in known], [times for _, times in known])[0]

    def department_for(self, card: dict[str, Any], rng: random.Random) -> int:
        """The department that usually handles this class, if somebody works for it."""
        usual = self.classes.get(card["class_key"], {}).get("department")
        return usual if usual in self.served else rng.choice(sorted(self.served))

    @contextlib.contextmanager
    def holding(self, case: str) -> Iterator[None]:
        """Nobody else of the run takes this case up meanwhile."""
        self.claimed.add(case)
        try:
            yield
        finally:
            self.claimed.discard(case)
