"""The kinds of matter that the project ships, `data/matters.json`: guide and procedure of each, as typed rows.

A kind of matter is a class of its own scheme; its procedure is data that each bureau changes. The guide says what the law
wants said before somebody applies: basis, conditions, materials (依据、条件、材料); stages and limits it takes from the procedure.

Pure: no Django, no database.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

MATTERS_FILE = Path(__file__).parent / "data" / "matters.json"
SCHEME = "local:matters"


class MatterKey(NamedTuple):
    scheme: str
    code: str

    def __str__(self) -> str:
        return f"{self.scheme}/matter/{self.code}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of matter."""

    key: MatterKey
    major: str
    name: str
    name_en: str
    valid_from: date
    guide: dict[str, Any]
    stages: list[dict[str, Any]]


def read_matters(path: Path = MATTERS_FILE) -> list[Kind]:
    """The kinds in the order of the file."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        Kind(
            key=MatterKey(SCHEME, row["code"]), major=row["major"], name=row["name"], name_en=row["name_en"],
            valid_from=date.fromisoformat(row["valid_from"]), guide=row["guide"], stages=row["stages"],
        )
        for row in rows
    ]  # fmt: skip
