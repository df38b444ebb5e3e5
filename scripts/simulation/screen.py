"""What one person has before her: the open cases of the run in her scope, kept by snapshot and live events."""

from collections.abc import Callable, Collection
from typing import Any

from scripts.simulation.world import World
from scripts.support.api import Api
from scripts.support.cursors import Event
from scripts.support.live import LiveClient

ENDED = frozenset({"closed", "declined", "merged", "retracted"})
Card = dict[str, Any]


class Screen(LiveClient):
    """A live client that keeps only what can still be worked on."""

    def __init__(self, api: Api, world: World) -> None:
        super().__init__(api, on_event=self._heard)
        self.compared = False  # whether somebody compares what it applied
        self.world = world

    async def snapshot(self) -> None:
        """The newest open cases are enough here: whoever simulates has opened them just now."""
        page = await self.api.get("/incidents", open=True, limit=200)
        self.cards = {card["id"]: card for card in page["items"] if card["id"] in self.world.ours}
        self.cursors.seed(page["cursors"])

    def _heard(self, event: Event, live: bool) -> None:
        self.world.tally.heard(event, live)
        if not self.compared:
            self.applied.clear()
        card = self.cards.get(event["object"])
        if card and (card["state"] in ENDED or card["id"] not in self.world.ours):
            del self.cards[card["id"]]

    def next(self, states: Collection[str], fits: Callable[[Card], bool] = lambda card: True) -> Card | None:
        """The case that waits longest in one of these states, in nobody's hands."""
        for card in self.cards.values():
            if card["state"] in states and card["id"] not in self.world.claimed and fits(card):
                return card
        return None
