"""One client: its groups, and what waits to be sent to it. No task of its own: a thousand sockets cost no wake-ups."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

Groups = tuple[str, ...]  # "incident:990101001", "incident:990101001:7" (a department's), "person:incident:12"
Send = Callable[[dict[str, Any]], Awaitable[None]]

WAITING_MESSAGES = 200  # over that, or over so many characters, payloads are dropped and the client reads the log
WAITING_CHARS = 512 * 1024
BEHIND_S = 30.0  # a client that has not caught up by then is closed
BEHIND = '[{"type":"behind"}]'


class Socket:
    """Messages are JSON arrays of frames. While one is being sent, the next ones wait and then go as one message."""

    def __init__(self, send: Send, end: Callable[[int], None], groups: Groups) -> None:
        self.send = send  # the server's own: an awaitable that may be left to finish by itself
        self.end = end
        self.waiting: list[str] = []
        self.waiting_chars = 0
        self.sending: asyncio.Future[None] | None = None
        self.behind_since: float | None = None
        self.take(groups)

    def take(self, groups: Groups) -> None:
        """Belong to these groups from now on."""
        self.groups = groups
        self.prefixes = tuple(sorted({group.split(":")[1] for group in groups if not group.startswith("person:")}))

    def put(self, text: str) -> None:
        """Send a message, or queue it; a client that reads too slowly loses the payloads and is told to catch up."""
        if self.behind_since is not None:
            return
        if not self.waiting:
            if self.sending is None or self.sending.done():
                self._start(text)
                return
            self.sending.add_done_callback(self._go_on)
        if len(self.waiting) < WAITING_MESSAGES and self.waiting_chars + len(text) < WAITING_CHARS:
            self.waiting.append(text)
            self.waiting_chars += len(text)
        else:
            self.waiting, self.waiting_chars = [BEHIND], 0
            self.behind_since = time.monotonic()

    def _start(self, text: str) -> None:
        # Not awaited: where a server sends in a thread of its own, its answer would wake this loop for every message.
        self.sending = asyncio.ensure_future(self.send({"type": "websocket.send", "text": text}))

    def _go_on(self, sent: "asyncio.Future[None]") -> None:
        texts, self.waiting, self.waiting_chars = self.waiting, [], 0
        if not sent.cancelled() and sent.exception() is None:  # else the peer is gone, and its consumer will say so
            self._start(texts[0] if len(texts) == 1 else f"[{','.join(text[1:-1] for text in texts)}]")

    def stuck(self) -> bool:
        """Whether a client that fell behind has had its time to catch up."""
        return self.behind_since is not None and time.monotonic() - self.behind_since > BEHIND_S
