"""Chinese and any other text cut into pairs of characters, so that two characters find their cases through an index.

Pure. The same cut stands in the database as `gridmap_grams` and `incidents_grams` (migrations); `tests/incidents/test_search.py` holds both
together. Every place of a text yields the pair that begins there, the last one of a run a single character; a search for
three characters asks for two pairs side by side. What separates words ends a run and is not searched for.
"""

import re
import unicodedata

# Spaces, signs and punctuation: what stands below digits, between them and letters, above letters, and the signs of CJK.
SEPARATORS = (
    r"\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a0\u00b7\u2010-\u2027\u3000-\u3003\u3008-\u3011\u3014-\u301f"
)
_GAP = re.compile(f"[{SEPARATORS}]+")
_NUMBER = re.compile(r"(?:\d{6}-)?(\d{1,17})", re.ASCII)
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def runs(text: str) -> list[str]:
    """The text as it is compared: full-width forms made plain, small letters, cut where no word goes on."""
    return [run for run in _GAP.split(unicodedata.normalize("NFKC", text).translate(_LETTERS)) if run]


def words(text: str) -> list[str]:
    """What a person typed, cut at blanks: each word must be found."""
    return [word for word in text.split() if runs(word)]


def number_of(word: str) -> int | None:
    """The running number that a word may mean, such as 261122-57 or 57."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", word))
    return int(found[1]) if found else None


def phrase(run: str) -> str:
    """One run as a tsquery: its pairs side by side; of a single character whatever pair begins with it."""
    if len(run) == 1:
        return f"'{run}':*"
    return "(" + " <-> ".join(f"'{run[at : at + 2]}'" for at in range(len(run) - 1)) + ")"


def query(word: str, classes: list[int]) -> str:
    """A word as a tsquery: said in the case, or its number, or one of these classes (by their ids)."""
    number = number_of(word)
    said = " & ".join(phrase(run) for run in runs(word))
    ways = [f"({said})", *(f"'@{klass}'" for klass in classes), *([f"'#{number}'"] if number is not None else [])]
    return "(" + " | ".join(ways) + ")"
