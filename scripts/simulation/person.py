"""What all people of a run do alike: open a case, look at it, take a step, add a photo."""

import random
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

from scripts.simulation.accounts import Account
from scripts.simulation.ids import uuid7
from scripts.simulation.screen import Card, Screen
from scripts.simulation.world import World
from scripts.support.api import RefusedError

SAID = ("影响通行", "请尽快处理", "已拍照", "面积不大", "刚刚发现", "附近居民反映", "")


class Person:
    """Someone at a device. Chance comes from the seed and `role`, so that a run can be repeated."""

    def __init__(self, account: Account, world: World, role: str) -> None:
        self.account = account
        self.api = account.api
        self.world = world
        self.rng = random.Random(f"{world.plan.seed}:{role}")  # noqa: S311  # to be repeated, not to be secret
        self.screen = Screen(account.api, world)

    async def think(self) -> bool:
        """Take the time that a person takes; false when the run is to end."""
        mean = self.world.plan.think
        return await self.world.pause(min(self.rng.expovariate(1 / mean), 3 * mean) if mean else 0.01)

    async def write(self, what: str, call: Awaitable[Any]) -> Any:
        """The answer to a write, None if it was refused; both are counted. A repeat is made by the client itself."""
        try:
            answer = await call
        except RefusedError as no:
            self.world.tally.refusals[no.code or str(no.status)] += 1
            return None
        card = answer if isinstance(answer, dict) and "version" in answer else None
        self.world.tally.wrote(what, card)
        return answer if answer is not None else {}

    async def report(self, place: tuple[float, float], **more: Any) -> Card | None:
        """Open a case of the usual mix at a place (degrees), which from now on is one of ours."""
        klass = self.world.class_of(self.rng)
        conditions = [condition["number"] for condition in klass["conditions"]]
        body = {
            "id": uuid7(), "class_key": klass["key"], "condition": self.rng.choice([*conditions, None]),
            "lon": place[0], "lat": place[1], "description": self.rng.choice(SAID), "occurred_at": now(), **more,
        }  # fmt: skip
        self.world.ours.add(body["id"])
        what = "self_handle" if more.get("self_handled") else "report"
        card: Card | None = await self.write(what, self.api.post("/incidents", body))
        return card

    async def detail(self, card: Card) -> Card | None:
        """The case as it is now, with what this person may do; None if it went out of her sight."""
        try:
            found: Card = await self.api.get(f"/incidents/{card['id']}")
        except RefusedError:
            self.screen.cards.pop(card["id"], None)
            return None
        return found

    async def act(self, case: Card, action: str, **given: Any) -> Card | None:
        """Take a step on a case as it was seen; a stale one is looked at again in its turn."""
        body = {"mutation_id": uuid7(), "version": case["version"], **given}
        done: Card | None = await self.write(action, self.api.post(f"/incidents/{case['id']}/{action}", body))
        return done

    async def photo(self, case: Card, kind: str) -> None:
        """Add a photo, before or after the repair."""
        fields = {"id": uuid7(), "kind": kind}
        jpeg = self.rng.choice(self.world.pictures)
        await self.write("photo", self.api.upload(f"/incidents/{case['id']}/photos", fields, jpeg))


def may(case: Card, action: str) -> bool:
    """Whether the detail of a case offers this action."""
    return any(offered["name"] == action for offered in case["actions"])


def now() -> str:
    return datetime.now(UTC).isoformat()
