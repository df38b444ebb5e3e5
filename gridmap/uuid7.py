"""Ids that grow with time (RFC 9562, version 7): rows made together lie together in every index. Pure."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new id of the current millisecond; the rest of it is chance."""
    chance = int.from_bytes(os.urandom(10), "big")
    head = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | (chance >> 62 & 0xFFF) << 64
    return UUID(int=head | 0x2 << 62 | chance & (1 << 62) - 1)
