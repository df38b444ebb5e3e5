"""Area codes: one string says where something is, who may see it and who is told.

Widths per level follow the national division codes (GB/T 2260 for the first six digits, GB/T 10114 for the street,
three more for the community); the cell adds three. The width of a level is fixed, so a prefix is an ancestor.
"""

from collections.abc import Sequence

WIDTHS = (2, 4, 6, 9, 12, 15)
PROVINCE, CITY, DISTRICT, STREET, COMMUNITY, CELL = range(1, 7)


def is_valid(code: str) -> bool:
    """Whether `code` has only digits and the width of a level."""
    return code.isascii() and code.isdigit() and len(code) in WIDTHS


def level_of(code: str) -> int:
    """The level from 1 (province) to 6 (cell); ValueError for anything that is not an area code."""
    if not is_valid(code):
        raise ValueError(f"not an area code: {code!r} (2, 4, 6, 9, 12 or 15 digits)")
    return WIDTHS.index(len(code)) + 1


def parent_of(code: str) -> str | None:
    """The code one level up, None above a province."""
    level = level_of(code)
    return code[: WIDTHS[level - 2]] if level > 1 else None


def ancestors(code: str) -> list[str]:
    """The codes from the province down to `code` itself."""
    return [code[:width] for width in WIDTHS[: level_of(code)]]


def ancestor_at(code: str, level: int) -> str | None:
    """The code of the area at `level` that holds `code`, None if `code` lies above that level."""
    return code[: WIDTHS[level - 1]] if level_of(code) >= level else None


def stream_of(code: str) -> str:
    """The stream of the event log: the street (9 digits), or the area's own code above a street."""
    return code[: WIDTHS[STREET - 1]]


def shared(codes: Sequence[str]) -> str | None:
    """The smallest area that holds all of them, None if they share not even a province (or there are none)."""
    found = [code for code in ancestors(codes[0]) if all(other.startswith(code) for other in codes)] if codes else []
    return found[-1] if found else None
