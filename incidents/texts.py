"""Standard texts: words with places in them that a case fills. Pure; what comes out is plain text for a person to read and mend."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from incidents.workflow import Action

FILE = Path(__file__).parent / "data" / "texts.csv"
LONGEST = 500
PLACES = ("编号", "类别", "地点", "部门", "时限")  # number, class, address, department, due time of a case
MISSING = "(未定)"
# The actions that ask for words or take some.
ACTIONS = (
    Action.VERIFY_REPORT, Action.FILE, Action.DECLINE, Action.ASSIGN, Action.WITHDRAW, Action.RETURN, Action.HANDLE,
    Action.VERIFY_REPAIR, Action.CLOSE, Action.ESCALATE, Action.NOTE,
)  # fmt: skip
SAMPLE = {"编号": "261122-57", "类别": "暴露垃圾", "地点": "望江路 1 号", "部门": "环卫所", "时限": "11月22日 16:30"}
_PLACE = re.compile(r"\{([^{}]*)\}")


def unknown(body: str) -> list[str]:
    """The places of a text that no case fills, each once, in their order."""
    return list(dict.fromkeys(name for name in _PLACE.findall(body) if name not in PLACES))


def fill(body: str, values: Mapping[str, str]) -> str:
    """The text with every place filled once; what the case does not have yet reads as MISSING, what is no place stays."""

    def put(place: re.Match[str]) -> str:
        name = place[1]
        return (values.get(name) or MISSING) if name in PLACES else place[0]

    return _PLACE.sub(put, body)


def read() -> list[dict[str, str]]:
    """The texts that the project ships for a start; an office makes its own."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
