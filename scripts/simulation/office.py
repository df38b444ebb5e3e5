"""The people at desks: an acceptor files and closes, a dispatcher assigns, the departments handle."""

from scripts.simulation.accounts import Account
from scripts.simulation.person import Person, may
from scripts.simulation.screen import Card
from scripts.simulation.world import World

DECLINED, RETURNED, TAKEN, WITH_PHOTO = 0.06, 0.04, 0.5, 0.3  # shares of all
CITIZENS = 0.15  # of a tablet's reports, so many more come from citizens
DONE = ("已清理完毕", "已修复", "已劝离并整改", "已恢复原状")


class Clerk(Person):
    """Someone who takes up the next case that waits for her, one after the other."""

    waiting: tuple[str, ...] = ()

    async def live(self) -> None:
        """Work until the run ends."""
        while await self.think():
            card = self.screen.next(self.waiting, self.concerns)
            if card is None:
                continue
            with self.world.holding(card["id"]):
                case = await self.detail(card)
                if case:
                    await self.decide(case)

    def concerns(self, card: Card) -> bool:
        return True

    async def decide(self, case: Card) -> None:
        raise NotImplementedError


class Acceptor(Clerk):
    """Takes the calls of citizens, files or declines what was reported, closes what was repaired."""

    waiting = ("reported", "verified")

    async def take_calls(self, share: float) -> None:
        """Register what citizens report; `share` of all such calls are hers."""
        plan = self.world.plan
        rate = CITIZENS * plan.workers / plan.every * share
        served = sorted(code for code in self.world.roads if code.startswith(self.world.walked))
        while await self.world.pause(self.rng.expovariate(rate)):
            road = self.rng.choice(self.world.roads[self.rng.choice(served)])
            await self.report(road[0], source="citizen")

    async def decide(self, case: Card) -> None:
        if may(case, "close"):
            await self.act(case, "close")
        elif any(moment["kind"] == "incident.report_refuted" for moment in case["timeline"]):
            await self.act(case, "decline", reason="经核实不属实")
        elif may(case, "file") and self.rng.random() > DECLINED:
            await self.act(case, "file")
        elif may(case, "file"):
            await self.act(case, "decline", reason="不在受理范围")
        elif may(case, "request_verification"):
            await self.act(case, "request_verification")


class Dispatcher(Clerk):
    """Gives each filed case to a department that serves it."""

    waiting = ("filed",)

    async def decide(self, case: Card) -> None:
        if may(case, "assign"):
            await self.act(case, "assign", department=self.world.department_for(case, self.rng))


class Handler(Clerk):
    """Repairs what her department was given, or gives it back."""

    waiting = ("assigned", "in_work")

    def __init__(self, account: Account, world: World, role: str) -> None:
        super().__init__(account, world, role)
        self.departments = account.departments

    def concerns(self, card: Card) -> bool:
        return card["department"] in self.departments

    async def decide(self, case: Card) -> None:
        chance = self.rng.random()
        if may(case, "return") and chance < RETURNED:
            await self.act(case, "return", reason="不属于本部门职责")
        elif may(case, "take") and chance < TAKEN:
            await self.act(case, "take")
        elif may(case, "handle"):
            if self.rng.random() < WITH_PHOTO:
                await self.photo(case, "after")
            await self.act(case, "handle", text=self.rng.choice(DONE))
