"""Reads the log beside all screens, and compares: what was confirmed stands in it, and what stands in it was shown."""

from typing import Any

from scripts.simulation.tally import Tally
from scripts.support.api import Api
from scripts.support.live import LiveClient


class Audit:
    """The log of the run as one reader with a wide view finds it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.since: dict[str, tuple[str, int]] = {}
        self.unseen: set[tuple[str, int]] = set()  # stream and number: in the log, not yet on the screen
        self._shown: set[tuple[str, int]] = set()  # on the screen, not yet read here
        self._changes: set[tuple[str, int]] = (
            set()
        )  # case and version: in the log, not yet confirmed to whoever wrote it
        self.broken = ""

    async def begin(self) -> None:
        """Remember where the log is now."""
        self._keep((await self.api.get("/incidents", limit=1))["cursors"])

    async def read(self) -> None:
        """Read on to the head."""
        more = True
        while more and not self.broken:
            since = [f"{stream}:{epoch}:{seq}" for stream, (epoch, seq) in self.since.items()]
            answer = await self.api.get("/events", since=since)
            if answer["reset"]:
                self.broken = ", ".join(f"{reset['stream']} {reset['reason']}" for reset in answer["reset"])
            for event in answer["events"]:
                self.unseen.add((event["stream"], event["seq"]))
                self._changes.add((event["object"], event["version"]))
            self._keep(answer["cursors"])
            more = answer["more"]

    def _keep(self, cursors: dict[str, Any]) -> None:
        self.since = {stream: (cursor["epoch"], cursor["seq"]) for stream, cursor in cursors.items()}

    def compare(self, tally: Tally, screen: LiveClient) -> None:
        """Strike out what is on both sides. What is left is on the way, or lost."""
        logged = tally.confirmed & self._changes
        tally.confirmed -= logged
        self._changes -= logged
        self._shown.update(screen.applied)
        screen.applied.clear()
        both = self.unseen & self._shown
        self.unseen -= both
        self._shown -= both
