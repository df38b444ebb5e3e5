"""What a client of the live channel has surely seen, and how it knows that it missed nothing. No sockets here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]
Event = dict[str, Any]


@dataclass
class Cursors:
    """Per stream the base, up to which everything in scope was applied; per group and stream the last event sent.

    A frame is contiguous if the event that its group was sent before (`prev`) is known: not after the base, nor after
    the last one of its group. Otherwise the log is read from the base, and then the frame is taken again.
    """

    base: dict[str, tuple[str, int]] = field(default_factory=dict)
    high: dict[str, int] = field(default_factory=dict)  # the last applied: an event that comes twice counts once
    last: dict[tuple[str, str], int] = field(default_factory=dict)

    def seed(self, cursors: Mapping[str, Mapping[str, Any]]) -> None:
        """Begin anew from a snapshot, whose cursors are lower bounds of what it shows."""
        self.base = {stream: (cursor["epoch"], cursor["seq"]) for stream, cursor in cursors.items()}
        self.high = {stream: seq for stream, (_, seq) in self.base.items()}
        self.last = {}

    def since(self) -> list[str]:
        """The question for GET /api/events."""
        return [f"{stream}:{epoch}:{seq}" for stream, (epoch, seq) in self.base.items()]

    def answered(self, answer: Mapping[str, Any]) -> list[Event]:
        """Take an answer of the log; returns the events that were not applied before, in order."""
        fresh = self._fresh(answer["events"])
        for stream, cursor in answer["cursors"].items():
            self._rebase(stream, cursor)
        for stream in self.base.keys() - answer["cursors"].keys():  # a grant has gone
            del self.base[stream]
        return fresh

    def take(self, frames: Iterable[Frame], *, again: bool = False) -> list[Event] | None:
        """Take a message; returns its new events in order, or None if the log must be read before it is taken `again`.

        A stream that the log then did not give is out of scope by now: what was still sent of it is left aside.
        """
        found: list[Event] = []
        heads: dict[str, Mapping[str, Any]] = {}
        for frame in frames:
            match frame["type"]:
                case "welcome":
                    self.last = {}
                    if not again and any(self._lacks(stream, head) for stream, head in frame["streams"].items()):
                        return None
                case "heartbeat":
                    if any(
                        self.base.get(s, (head["epoch"], 0))[0] != head["epoch"] for s, head in frame["streams"].items()
                    ):
                        return None
                    heads |= frame["streams"]
                case "events" if not again or frame["stream"] in self.base:
                    if not self._contiguous(frame):
                        return None
                    self.last[frame["group"], frame["stream"]] = frame["events"][-1]["seq"]
                    found += frame["events"]
        fresh = self._fresh(found)
        for stream, head in heads.items():  # after what came before it in the same message
            self._rebase(stream, head)
        return fresh

    def _lacks(self, stream: str, head: Mapping[str, Any]) -> bool:
        epoch, seq = self.base.get(stream, (head["epoch"], 0))
        return bool(epoch != head["epoch"] or seq < head["seq"])

    def _contiguous(self, frame: Frame) -> bool:
        epoch, seq = self.base.get(frame["stream"], (frame["epoch"], 0))
        known = max(seq, self.last.get((frame["group"], frame["stream"]), 0))
        return bool(epoch == frame["epoch"] and frame["prev"] <= known)

    def _rebase(self, stream: str, cursor: Mapping[str, Any]) -> None:
        epoch, seq = self.base.get(stream, ("", 0))
        if epoch == cursor["epoch"] and seq > cursor["seq"]:  # told by a process that heard less
            return
        self.base[stream] = (cursor["epoch"], cursor["seq"])
        self.high[stream] = max(self.high.get(stream, 0), cursor["seq"])

    def _fresh(self, events: Iterable[Event]) -> list[Event]:
        fresh = []
        for event in sorted(events, key=lambda e: (e["stream"], e["seq"])):
            if event["seq"] > self.high.get(event["stream"], 0):
                self.high[event["stream"]] = event["seq"]
                fresh.append(event)
        return fresh
