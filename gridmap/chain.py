"""The chain of the access log: each entry carries a keyed hash of itself and of the one before, so a change shows. Pure.

HMAC-SHA-256 with a key that lies outside of the database: who can write into the database alone cannot forge an entry, either.
What a chain cannot show is that its end was cut off together with the note of where it ends; that note (`LookHead`) is therefore
to be kept elsewhere from time to time (`manage.py verify_looks` prints it).
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gridmap.vault import Keyring

START = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One look, as it is hashed."""

    stream: str
    seq: int
    at: datetime
    user: int
    action: str
    service: str
    persons: Sequence[UUID]
    fields: Sequence[str]
    purpose: str
    words: str
    area_code: str
    count: int


def key_of(ring: Keyring) -> bytes:
    """The key of the chains; it comes from the key of the indexes, which rotation leaves as it is."""
    return HKDF(SHA256(), 32, None, b"chain of looks").derive(ring.index)


def linked(key: bytes, before: str, entry: Entry) -> str:
    """The hash of an entry after the one whose hash is `before` (`START`: it is the first)."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [
        before, entry.stream, entry.seq, at, entry.user, entry.action, entry.service, [str(one) for one in entry.persons],
        list(entry.fields), entry.purpose, entry.words, entry.area_code, entry.count,
    ]  # fmt: skip
    return hmac.new(key, json.dumps(parts, ensure_ascii=True).encode(), sha256).hexdigest()
