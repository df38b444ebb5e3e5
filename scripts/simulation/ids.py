"""Ids that clients make."""

import secrets
import time
from uuid import UUID


def uuid7() -> str:
    """A UUIDv7 (RFC 9562). Never from the seed: a second run with it must not use the ids of the first."""
    moment = time.time_ns() // 1_000_000
    number = moment << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(UUID(int=number))
