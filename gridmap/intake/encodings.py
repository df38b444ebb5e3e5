"""In which encoding a text is written: UTF-8, UTF-16 or GB18030. Pure.

GB18030 holds GBK and GB2312. Detectors that guess by frequencies take short Chinese tables for Korean or Cyrillic; here
strictness decides: what is valid UTF-8 is UTF-8 (Chinese in GB18030 practically never is), of the rest GB18030 is tried.
"""

import codecs
from pathlib import Path

CHUNK = 1 << 20
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(path: Path) -> str | None:
    """The encoding in which the whole file can be read, None if there is none of them."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in MARKS:
        if head.startswith(mark):
            return name if _reads(path, name) else None
    if wide := _wide(head):
        return wide if _reads(path, wide) else None
    return next((name for name in ("utf-8", "gb18030") if _reads(path, name)), None)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: the signs of a table (comma, digits, ends of lines) leave zeros in every second byte."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 20 < len(head) or min(even, odd) * 10 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _reads(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                if "\x00" in decoder.decode(piece):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def of_bytes(data: bytes, said: str = "") -> str:
    """The encoding of texts that may be cut in the middle of a character: UTF-8, GB18030, or Big5 where the file says so.

    What is UTF-8 nearly everywhere is UTF-8: most of it could be read as GB18030 too, as nonsense.
    """
    read = data.decode("utf-8", "replace")
    wrong, foreign = read.count("\ufffd"), sum(letter > "\x7f" for letter in read)
    if wrong * 4 <= foreign:
        return "utf-8"
    return "big5" if said.strip().lower() in ("big5", "950", "cp950") else "gb18030"
