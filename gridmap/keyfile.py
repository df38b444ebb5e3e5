"""The file of the master keys, which lies outside of the database: made, read, added to, thinned out. Pure.

A line "name key" for each, the newest first, and "index key" (`Keyring.read`). It is written whole or not at all, and only its
owner may read it. Whoever loses it loses every value; whoever keeps a copy beside the database's backups protects nothing.
"""

import base64
import os
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from gridmap.vault import Keyring, VaultError, new_key


def read(path: Path) -> Keyring:
    """The keys as the file has them now; OSError or VaultError if it cannot be read."""
    found = path.stat()
    return _read(path, found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=4)
def _read(path: Path, written: int, inode: int) -> Keyring:
    return Keyring.read(path.read_text(encoding="ascii"))


def make(path: Path) -> bool:
    """A file with new keys, unless there is one; whether it was made."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, Keyring({"k1": new_key()}, new_key()))
    return True


def add(path: Path) -> str:
    """A new master key before all others: from now on it locks. Its name."""
    ring = read(path)
    number = 1 + max((int(name[1:]) for name in ring.keys if name[1:].isdecimal()), default=0)
    _write(path, Keyring({f"k{number}": new_key(), **ring.keys}, ring.index))
    return f"k{number}"


def drop(path: Path, used: Collection[str]) -> list[str]:
    """Forget the master keys that lock nothing any more; never the newest. Their names."""
    ring = read(path)
    gone = [name for name in ring.keys if name != ring.newest and name not in used]
    if gone:
        _write(path, Keyring({name: key for name, key in ring.keys.items() if name not in gone}, ring.index))
    return gone


def _write(path: Path, ring: Keyring) -> None:
    lines = [f"{name} {base64.b64encode(key).decode()}\n" for name, key in {**ring.keys, "index": ring.index}.items()]
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)


__all__ = ["VaultError", "add", "drop", "make", "read"]
