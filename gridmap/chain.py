"""The chain of the access log: each entry carries a keyed hash of itself and of the one before, so a change shows. Pure.

HMAC-SHA-256 with a key that lies outside of the database: who can write into the database alone cannot forge an entry, either.
What a chain cannot show by itself is that its end was cut off together with the note of where it ends; where it ends is therefore
told elsewhere (event `looks.sealed`, `manage.py verify_looks`). Its beginning may be deleted when it is old enough: an entry then
says up to where, so the chain is whole from the first one that is kept.
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
    user: int | None
    action: str
    service: str
    persons: Sequence[UUID]
    fields: Sequence[str]
    purpose: str
    words: str
    area_code: str
    count: int


def kept_after(seq: int, end: str) -> str:
    """The words of the entry by which the beginning was deleted: up to which entry, and its hash."""
    return f"{seq} {end}"


def beginning(words: str | None) -> tuple[int, str]:
    """The number of the first entry that is kept and the hash before it, by the words of the last such entry; of none the start."""
    seq, _, end = (words or f"0 {START}").partition(" ")
    return int(seq) + 1, end


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
