"""A grid worker with her tablet: walks, shares her position, reports, looks at what she is sent to."""

import asyncio

from scripts.simulation.accounts import Account
from scripts.simulation.person import Person, may, now
from scripts.simulation.roads import Walk, noisy, of_cells
from scripts.simulation.screen import Card
from scripts.simulation.world import World

POSITION_S = 5.0
SELF_HANDLED, WITH_PHOTO, CONFIRMED, REPAIRED = 0.12, 0.3, 0.9, 0.92  # shares of all


class Tablet(Person):
    """One tablet; several may be signed in with one account."""

    def __init__(self, account: Account, world: World, number: int) -> None:
        super().__init__(account, world, f"tablet {number}")
        roads = of_cells(world.roads, account.prefixes)
        self.walk = Walk(roads or [road for some in world.roads.values() for road in some], self.rng)

    async def live(self) -> None:
        """Be on duty until the run ends."""
        await asyncio.gather(self._move(), self._report(), self._check())

    async def _move(self) -> None:
        wait = self.rng.uniform(0, POSITION_S)  # not all at one beat
        while await self.world.pause(wait):
            self.walk.go(wait)
            fix = noisy(self.walk.here, self.rng.uniform(4, 12), self.rng) | {"at": now()}
            await self.write("position", self.api.post("/position", fix))
            wait = POSITION_S

    async def _report(self) -> None:
        every = self.world.plan.every
        wait = self.rng.uniform(0, every)
        while await self.world.pause(wait):
            wait = self.rng.uniform(0.5, 1.5) * every
            if self.rng.random() < SELF_HANDLED:
                await self.report(self.walk.on_road, self_handled=True)
                continue
            card = await self.report(self.walk.on_road)
            if card and self.rng.random() < WITH_PHOTO:
                await self.photo(card, "before")

    async def _check(self) -> None:
        while await self.think():
            card = self.screen.next(("verifying", "to_verify"), self._mine)
            if card:
                with self.world.holding(card["id"]):
                    await self._look(card)

    def _mine(self, card: Card) -> bool:
        return str(card["area"]).startswith(self.account.prefixes)

    async def _look(self, card: Card) -> None:
        case = await self.detail(card)
        if case and may(case, "verify_report"):
            good = self.rng.random() < CONFIRMED
            await self.act(case, "verify_report", **_outcome(good, "现场未发现"))
        elif case and may(case, "verify_repair"):
            good = self.rng.random() < REPAIRED
            await self.act(case, "verify_repair", **_outcome(good, "未处理到位"))


def _outcome(good: bool, reason: str) -> dict[str, str]:
    return {"outcome": "pass"} if good else {"outcome": "fail", "reason": reason}
