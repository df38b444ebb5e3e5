"""Take a request's body before a thread is spent on it: a slow tablet, or a hundred, hold no thread and no connection."""

import asyncio
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import Any

import orjson

from gridmap.errors import ProblemError

Receive = Callable[[], Awaitable[Any]]
MOST_BYTES = 25_000_000  # the largest photo and its form
IN_MEMORY = 1_000_000  # more goes to a file
CHUNK = 64 * 1024
SECONDS = 60.0  # for each piece; a tablet on a bad network goes on, one that went away does not


class TooLargeError(Exception):
    """More came than is taken."""


class GoneError(Exception):
    """The client went away, or said nothing for too long."""


async def collect(receive: Receive) -> Receive:
    """Read the whole body, and return what gives it out again in pieces; raises TooLargeError or GoneError."""
    kept: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed with its last reader
    size, more = 0, True
    while more:
        try:
            message = await asyncio.wait_for(_next(receive), SECONDS)
        except TimeoutError:
            raise GoneError from None
        if message["type"] != "http.request":
            raise GoneError
        piece = message.get("body", b"")
        size, more = size + len(piece), message.get("more_body", False)
        if size > MOST_BYTES:
            raise TooLargeError
        kept.write(piece)
    kept.seek(0)

    async def again() -> dict[str, Any]:
        piece = kept.read(CHUNK)
        return {"type": "http.request", "body": piece, "more_body": len(piece) == CHUNK}

    return again


async def _next(receive: Receive) -> Any:
    return await receive()  # granian's is awaitable but no coroutine


async def refuse(scope: dict[str, Any], send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    """Answer 413 in the one shape of errors."""
    english = any(name == b"accept-language" and value.lower().startswith(b"en") for name, value in scope["headers"])
    problem = ProblemError("too_large")
    body = orjson.dumps(problem.body("en" if english else "zh"))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": int(problem.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
