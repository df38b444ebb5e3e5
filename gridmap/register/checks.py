"""Whether what somebody wrote can be a record, and by what the real thing is found again. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gridmap.register.codes import is_object_code, is_uscc
from gridmap.register.kinds import KINDS, Field, Kind

Values = dict[str, Any]
Faults = dict[str, str]

# What may belong to which kind of place; '' is none.
PARENTS: Mapping[str, frozenset[str]] = {
    "compound": frozenset({""}),
    "building": frozenset({"", "compound"}),
    "unit": frozenset({"building"}),
    "dwelling": frozenset({"building", "unit"}),
    "premises": frozenset({"", "compound", "building", "unit"}),
    "household": frozenset({"building", "unit", "dwelling", "premises"}),
    "organisation": frozenset({"compound", "building", "unit", "dwelling", "premises"}),
}
_UPPER = frozenset({"uscc"})
KEY_MOST = 200  # what is stored: small letters may be more than the large ones were


def clean(kind: Kind, given: Mapping[str, Any], *, whole: bool = True) -> tuple[Values, Faults]:
    """The values as they are stored, and what is wrong by field (a code of `gridmap/errors_register.py`).

    `whole`: required fields must be there; of a change only what is given is looked at. Unknown fields are faults, never dropped.
    """
    values, faults = Values(), Faults()
    for name in given:
        if name not in kind.by_name:
            faults[name] = "unknown_field"
    for field in kind.fields:
        if field.name in given:
            value, fault = _one(field, given[field.name])
            values[field.name] = value
            if fault:
                faults[field.name] = fault
        elif whole:
            values[field.name] = "" if field.type in ("text", "choice") else None
        if field.required and field.name in values and values[field.name] in ("", None):
            faults.setdefault(field.name, "missing")
    return values, faults


def _one(field: Field, given: Any) -> tuple[Any, str]:
    if given is None or given == "":
        return ("" if field.type in ("text", "choice") else None), ""
    if field.type in ("number", "department"):
        return _number(field, given)
    text = written(str(given)) if isinstance(given, str | int | float) else ""
    if field.type == "choice":
        return _choice(field, text)
    if field.name in _UPPER:
        text = text.upper()
    fault = "" if text and (field.type == "record" or len(text) <= field.most) else "too_long" if text else "not_text"
    return text, fault or _form(field, text)


def _number(field: Field, given: Any) -> tuple[int | None, str]:
    text = unicodedata.normalize("NFKC", str(given)).strip()
    if isinstance(given, bool) or not re.fullmatch(r"[+-]?\d{1,12}(\.0+)?", text, re.ASCII):
        return None, "not_a_number"
    value = int(float(text))
    least, most = (1, 2**53) if field.type == "department" else (field.least, field.most)
    return value, "" if least <= value <= most else "out_of_range"


def _choice(field: Field, text: str) -> tuple[str, str]:
    for one in field.choices:
        if text.lower() in (one.code, one.zh, one.en.lower()):
            return one.code, ""
    return text[:20], "unknown_choice"


def _form(field: Field, text: str) -> str:
    if field.name == "uscc" and not is_uscc(text):
        return "bad_uscc"
    return "bad_object_code" if field is KINDS["object"].field("code") and not is_object_code(text) else ""


def written(text: str) -> str:
    """A text as it is kept: full-width digits and letters made plain, blanks at the ends and doubled ones gone."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def together(kind: Kind, values: Mapping[str, Any]) -> Faults:
    """What is wrong with values that are right each by itself: counts of a household that are more than its persons."""
    if kind.name != "household":
        return {}
    size, over_60, over_80, under_14 = (values.get(n) or 0 for n in ("size", "over_60", "over_80", "under_14"))
    faults = Faults()
    if over_80 > over_60:
        faults["over_80"] = "more_than_over_60"
    if over_60 + under_14 > size:
        faults["size"] = "fewer_than_parts"
    return faults


def may_stand_in(part: str, parent: str) -> bool:
    """Whether something of this kind may belong to a place of that kind; '' is none."""
    return parent in PARENTS[part]


def natural_key(kind: Kind, values: Mapping[str, Any], community: str) -> str:
    """By what the same real thing is found: of two records in force with one key, one is a repeat.

    An object by its code, an organisation by its credit code or by its name in the community, a household by its address, a
    place by its name in what it is a part of, or in the community.
    """
    return _key(kind, values, community)[:KEY_MOST]


def _key(kind: Kind, values: Mapping[str, Any], community: str) -> str:
    if kind.name == "object":
        return str(values["code"])
    if kind.name == "organisation":
        return str(values["uscc"]) if values.get("uscc") else f"{community}|{same(values['name'])}"
    if kind.name == "household":
        return f"{values['place']}|{same(values.get('label') or '')}"
    return f"{values.get('parent') or community}|{values['kind']}|{same(values['name'])}"


# Words of a number that say nothing more: 3号楼, 3#, 3幢 and 第3栋 are one house, 101室 and 101房 one home, 2单元 and 2门 one stair.
_WORD = re.compile(r"(?<=\d)(号楼|#楼|#|幢|栋|座|单元|门|室|房|号)$")


@lru_cache(10_000)
def same(name: str) -> str:
    """A name as keys have it: without blanks, in small letters, a number the same with and without its word and leading zeros."""
    plain = re.sub(r"[\s·]", "", written(name)).lower()
    plain = _WORD.sub("", re.sub(r"^第(?=\d)", "", plain))
    return re.sub(r"(^|-)0+(?=\d)", r"\1", plain)
