"""A resident's personal values: encrypted with a key of her own, found by a keyed index, shown masked. Pure.

The key that locks persons' keys stands outside of the database (`Keyring`); whoever has the database alone reads nobody. A
person's key is destroyed with her, and what was encrypted with it, in backups too, is gone. AES-256-GCM (NIST SP 800-38D);
what a value is (register, person, field) is authenticated with it, so that no value can be moved to another place.
"""

import base64
import binascii
import hmac
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES, INDEX_BYTES = 32, 12, 16
# As they are written between the parts of a name or number, after NFKC: 买买提·玉素甫 • ‧ ∙ ⋅ ・ . and - ‐ ‑ ‒ – —
DOTS, DASHES = r".·•‧∙⋅・", r"\-‐‑‒–—"
NAME = re.compile(r"^[a-z0-9]{1,16}$")


class VaultError(Exception):
    """A value cannot be opened; the text says which key is missing or that the value was changed, never the value."""


@dataclass(frozen=True)
class Keyring:
    """The master keys by name, the newest first: it locks, the others only open. `index` is what blind indexes are keyed with."""

    keys: Mapping[str, bytes]
    index: bytes

    @classmethod
    def read(cls, text: str) -> "Keyring":
        """From lines "name base64", the newest first, and one "index base64", 32 bytes each; VaultError says what is wrong."""
        found: dict[str, bytes] = {}
        for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
            name, _, value = line.partition(" ")
            if not NAME.match(name) or name in found:
                raise VaultError(f"line {number} of the keys: needs a name of its own (a-z, 0-9) and a key")
            found[name] = _key(value, number)
        index = found.pop("index", None)
        if index is None or not found:
            raise VaultError('the keys need a line "index …" and at least one other')
        return cls(found, index)

    @property
    def newest(self) -> str:
        return next(iter(self.keys))

    def lock(self, key: bytes, person: str) -> str:
        """A person's key as it is stored: name of the master key, a colon, and what only that opens."""
        return f"{self.newest}:{_sealed(self.keys[self.newest], key, f'key|{person}')}"

    def unlock(self, locked: str, person: str) -> bytes:
        name, _, sealed = locked.partition(":")
        if name not in self.keys:
            raise VaultError(f"the master key {name!r} is not among the keys: add it again, or the values stay closed")
        return _opened(self.keys[name], sealed, f"key|{person}")

    def relock(self, locked: str, person: str) -> str:
        """The same key under the newest master key; the values that it encrypts need not change."""
        return locked if locked.startswith(f"{self.newest}:") else self.lock(self.unlock(locked, person), person)

    def blind(self, register: str, field: str, value: str) -> bytes:
        """By what an equal value in the same field of the same register is found, and nothing else told: 16 bytes."""
        derived = HKDF(SHA256(), KEY_BYTES, None, f"{register}|{field}".encode()).derive(self.index)
        return hmac.new(derived, normal(value).encode(), sha256).digest()[:INDEX_BYTES]


def _key(value: str, number: int) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultError(f"line {number} of the keys: the key needs {KEY_BYTES} bytes in base64")
    return key


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: bytes, value: str, place: str) -> str:
    """A value encrypted with a person's key; `place` says what it is and must be the same to open it."""
    return _sealed(key, value.encode(), place)


def unseal(key: bytes, sealed: str, place: str) -> str:
    """The value; VaultError if it, its place or its key is another."""
    return _opened(key, sealed, place).decode()


def _sealed(key: bytes, value: bytes, place: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, value, place.encode())).decode()


def _opened(key: bytes, sealed: str, place: str) -> bytes:
    try:
        raw = base64.b64decode(sealed, validate=True)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError, binascii.Error):
        raise VaultError("the value was changed, or it belongs to another person or field") from None


def normal(value: str) -> str:
    """A value as it is compared: full-width signs, spaces, case, the dots of names and the punctuation of numbers make no difference.

    Whoever changes this has the stored indexes reckoned anew (`manage.py rotate_keys --reindex`).
    """
    plain = unicodedata.normalize("NFKC", value).casefold()
    bare = re.sub(rf"[\s{DOTS}]", "", plain)
    return re.sub(r"^(00)?86(?=\d{7})", "", re.sub(rf"[{DASHES}()+]", "", bare)) if _is_number(bare) else bare


def _is_number(value: str) -> bool:
    return bool(re.fullmatch(rf"[\d{DASHES}()+]{{7,}}", value))


def masked_name(name: str) -> str:
    """张*, 欧阳*: the family name alone; of two-sign family names both signs."""
    name = name.strip()
    if not name:
        return ""
    shown = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    return f"{name[:shown]}*"


def masked_phone(number: str) -> str:
    """138****1234; of short numbers the last two digits."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", number))
    if len(digits) >= 11:
        return f"{digits[-11:-8]}****{digits[-4:]}"
    return f"{'*' * max(0, len(digits) - 2)}{digits[-2:]}" if len(digits) > 4 else "*" * len(digits)


COMPOUND = frozenset(
    "欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 南宫 独孤 轩辕 端木 百里 呼延".split()  # noqa: SIM905
)
