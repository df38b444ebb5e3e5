"""Report = query: a form is a question to the register, never a file that somebody keeps. Pure.

A form lists records, or counts them by area, by what they are, or by both, with sums of their numbers. There is no person in the
register of a cell, and so none in a form.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridmap import areacode
from gridmap.register.kinds import KINDS, Field, Kind

AREAS = {"street": areacode.STREET, "community": areacode.COMMUNITY, "cell": areacode.CELL}
BY_ITSELF = {
    "title": ("名称或地址", "Name or address"), "area": ("区划代码", "Area code"), "area_name": ("所在网格或社区", "Cell or community"),
    "verified": ("最近核实", "Last verified"), "due": ("应核实日期", "Due for verification"),
}  # fmt: skip
OPERATORS = ("is", "not", "least", "most", "empty", "filled")
MOST_GROUPS, MOST_COLUMNS, MOST_FILTERS = 3, 20, 10
AREA_WORDS = {"street": ("街道", "Street"), "community": ("社区", "Community"), "cell": ("网格", "Cell")}
COUNT = ("数量", "Number")


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A question: records of a kind that pass the filters, counted by `groups` with `sums`, or listed with `columns`."""

    kind: str
    groups: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()

    @property
    def lists(self) -> bool:
        """Whether it shows records one by one, for which more than sums must be seen."""
        return not self.groups and bool(self.columns)


def form_of(raw: Mapping[str, Any]) -> Form:
    """A form as it is stored."""
    filters = tuple(Filter(one["field"], one["operator"], one.get("value", "")) for one in raw.get("filters", ()))
    return Form(
        raw["kind"], tuple(raw.get("groups", ())), tuple(raw.get("sums", ())), tuple(raw.get("columns", ())), filters
    )


def groupable(kind: Kind) -> list[str]:
    """What records of a kind can be counted by: areas, and what has few values."""
    return [*AREAS, *(one.name for one in kind.fields if one.type in ("choice", "department"))]


def summable(kind: Kind) -> list[str]:
    """Numbers that mean something added up."""
    return [one.name for one in kind.fields if one.type == "number" and one.name not in ("cycle", "floors")]


def listable(kind: Kind) -> list[str]:
    return [*BY_ITSELF, *(one.name for one in kind.fields if one.type != "record")]


def faults(form: Form) -> dict[str, str]:
    """What is wrong with a form, by its part: a code of `gridmap/errors_forms.py`; empty if nothing is."""
    kind = KINDS[form.kind]
    found: dict[str, str] = {}
    parts = (
        ("groups", form.groups, groupable(kind), MOST_GROUPS), ("sums", form.sums, summable(kind), MOST_COLUMNS),
        ("columns", form.columns, listable(kind), MOST_COLUMNS),
    )  # fmt: skip
    for name, given, known, most in parts:
        if set(given) - set(known) or len(set(given)) < len(given):
            found[name] = "unknown_field"
        elif len(given) > most:
            found[name] = "too_many_parts"
    if len(form.filters) > MOST_FILTERS:
        found["filters"] = "too_many_parts"
    for one in form.filters:
        if fault := _filter_fault(kind, one):
            found["filters"] = fault
    return found


def _filter_fault(kind: Kind, one: Filter) -> str:
    field = kind.by_name.get(one.field)
    if one.operator not in OPERATORS or field is None or field.type == "record":
        return "unknown_field"
    if one.operator in ("empty", "filled"):
        return ""
    if one.operator in ("least", "most") and field.type != "number":
        return "unknown_field"
    if field.type in ("number", "department"):
        return "" if re.fullmatch(r"-?\d{1,12}", one.value, re.ASCII) else "not_a_number"
    return "" if field.type == "text" or field.choice(one.value) else "unknown_choice"


def head(form: Form, language: str) -> list[str]:
    """The heading of the table that a form gives, in "zh" or "en"."""
    kind, at = KINDS[form.kind], 0 if language == "zh" else 1
    if form.lists:
        return [_word(kind, name, at) for name in form.columns]
    return [*(AREA_WORDS[name][at] if name in AREAS else _word(kind, name, at) for name in form.groups), COUNT[at],
            *(_word(kind, name, at) for name in form.sums)]  # fmt: skip


def _word(kind: Kind, name: str, at: int) -> str:
    if name in BY_ITSELF:
        return BY_ITSELF[name][at]
    field = kind.by_name[name]
    return field.zh if at == 0 else field.en


def word_of(field: Field, code: str, language: str) -> str:
    """The value of a choice in words."""
    choice = field.choice(code)
    return code if choice is None else choice.zh if language == "zh" else choice.en
