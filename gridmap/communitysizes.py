"""How large a community should be: named and dated profiles, for places and years differ. Pure: no Django, no database."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

FILE = Path(__file__).parent / "data" / "community_sizes.csv"
Measure = Literal["households", "persons"]


@dataclass(frozen=True)
class Profile:
    """A range of households or persons, where it stands written, and from when to when it holds."""

    key: str
    measure: Measure
    least: int
    most: int
    since: date
    until: date | None
    zh: str
    en: str
    source_zh: str
    source_en: str


@cache
def profiles() -> dict[str, Profile]:
    """The rows of `data/community_sizes.csv` by key, in their order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["key"]: _profile(row) for row in csv.DictReader(file)}


def _profile(row: dict[str, str]) -> Profile:
    until = date.fromisoformat(row["until"]) if row["until"] else None
    measure: Measure = "persons" if row["measure"] == "persons" else "households"
    return Profile(
        row["key"], measure, int(row["least"]), int(row["most"]), date.fromisoformat(row["since"]), until,
        row["zh"], row["en"], row["source_zh"], row["source_en"],
    )  # fmt: skip
