"""Packed files: what is in them, taken out without harm. Pure.

A packed file says how long it is unpacked, and may lie: bytes are counted as they come out.
"""

import gzip
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from gridmap.intake.sheet import FileError

MOST_BYTES = 300 * 1024 * 1024  # unpacked, together
MOST_FILES = 200
CHUNK = 1 << 20


def unzip(path: Path, into: Path) -> list[Path]:
    """Take all files out of a zip, flat, under their own names (of GBK where the zip does not say UTF-8).

    FileError for one that is damaged, locked or too large unpacked. No name leads out of `into`.
    """
    left, found = MOST_BYTES, list[Path]()
    try:
        with zipfile.ZipFile(path) as packed:
            members = [one for one in packed.infolist() if not one.filename.endswith("/")]
            if len(members) > MOST_FILES:
                raise FileError("too_large_unpacked", most="300")
            for number, one in enumerate(members):
                if one.flag_bits & 1:
                    raise FileError("locked_file")
                target = into / _name(one, number)
                with packed.open(one) as source:
                    left = _copy(source, target, left)
                found.append(target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise FileError("damaged_file") from error
    return found


def gunzip(path: Path, into: Path) -> Path:
    """The one file of a gzip; FileError for one that is damaged or too large."""
    target = into / "unpacked"
    try:
        with gzip.open(path) as source:
            _copy(source, target, MOST_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise FileError("damaged_file") from error
    return target


def check_book(path: Path) -> None:
    """Whether a workbook (a zip inside) may be opened: `too_large_unpacked` when more comes out of it than is taken."""
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(path) as packed:
            for one in packed.infolist():
                with packed.open(one) as source:
                    left = _copy(source, None, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise FileError("damaged_file") from error


def _name(one: zipfile.ZipInfo, number: int) -> str:
    """The last part of a member's name, with a number before it where it is odd."""
    said = (
        one.filename if one.flag_bits & 0x800 else one.filename.encode("cp437", "replace").decode("gb18030", "replace")
    )
    plain = PurePosixPath(said.replace("\\", "/")).name.replace("\x00", "")[-100:]
    return plain if plain and not plain.startswith(".") else f"{number}.odd"


def _copy(source: IO[bytes] | zipfile.ZipExtFile | gzip.GzipFile, target: Path | None, left: int) -> int:
    """Copy until the end; how many bytes may still come after it."""
    out = target.open("wb") if target else None
    try:
        while piece := source.read(CHUNK):
            left -= len(piece)
            if left < 0:
                raise FileError("too_large_unpacked", most=str(MOST_BYTES >> 20))
            if out:
                out.write(piece)
    finally:
        if out:
            out.close()
    return left
