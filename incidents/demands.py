"""What departments may ask of communities: kinds, life, fields of a form, periods; and what is refused at the gate.

A demand has a legal ground, an end date within a year, and says what money and staff come with it (the admission of
departments' work into communities, 准入, with 费随事转). A form is a list of fields: each is a figure that the records
already answer, or a question that is asked once. What concerns a person is no field of a form.

Pure: no Django, no database.
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gridmap.denylist import Reason, forbidden

LONGEST = 365  # days that a demand may be in force; whoever needs it longer asks again
WARN_BEFORE = timedelta(days=30)
MOST_FIELDS = 60


class Kind(StrEnum):
    """What is asked: a form, a duty, a plate on the door, a check or assessment."""

    FORM = "form"
    DUTY = "duty"
    PLATE = "plate"
    CHECK = "check"


class Standing(StrEnum):
    """Where a demand stands. Only one in force binds anybody; in every other state it may be refused."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    EXPIRED = "expired"


LABELS = {
    Kind.FORM: "报表", Kind.DUTY: "事项", Kind.PLATE: "挂牌", Kind.CHECK: "检查考核",
    Standing.PROPOSED: "待审批", Standing.IN_FORCE: "生效中", Standing.REFUSED: "未准入", Standing.WITHDRAWN: "已撤回",
    Standing.ENDED: "已终止", Standing.EXPIRED: "已到期",
}  # fmt: skip
LIVING = frozenset({Standing.PROPOSED, Standing.IN_FORCE})

# What may become of a demand: (outcome, the state it must be in) -> the state after it.
STEPS: dict[tuple[str, Standing], Standing] = {
    ("approve", Standing.PROPOSED): Standing.IN_FORCE,
    ("refuse", Standing.PROPOSED): Standing.REFUSED,
    ("end", Standing.IN_FORCE): Standing.ENDED,
    ("withdraw", Standing.PROPOSED): Standing.WITHDRAWN,
    ("withdraw", Standing.IN_FORCE): Standing.WITHDRAWN,
    ("expire", Standing.PROPOSED): Standing.EXPIRED,
    ("expire", Standing.IN_FORCE): Standing.EXPIRED,
}
NEEDS_REASON = frozenset({"refuse", "end", "withdraw"})


def dates_flaw(since: date, until: date, today: date) -> str | None:
    """The code of what is wrong with the dates of a proposal, None if nothing is."""
    if until < since or until < today:
        return "demand_past"
    return "demand_too_long" if (until - since).days > LONGEST else None


# --- periods ---


class Rhythm(StrEnum):
    """How often a form is filled in: an answer belongs to one period of it."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period: its label ("2026", "2026Q4", "2026-11"), first and last day."""

    label: str
    first: date
    last: date


def period_of(rhythm: Rhythm, day: date) -> Period:
    """The period of this rhythm in which a day lies."""
    if rhythm is Rhythm.YEAR:
        return Period(f"{day.year:04}", date(day.year, 1, 1), date(day.year, 12, 31))
    start = day.month if rhythm is Rhythm.MONTH else (day.month - 1) // 3 * 3 + 1
    end = start if rhythm is Rhythm.MONTH else start + 2
    label = f"{day.year:04}-{start:02}" if rhythm is Rhythm.MONTH else f"{day.year:04}Q{(start + 2) // 3}"
    return Period(label, date(day.year, start, 1), date(day.year, end, calendar.monthrange(day.year, end)[1]))


def periods(rhythm: Rhythm, since: date, until: date, today: date) -> list[Period]:
    """The periods of a demand that have begun by today, the latest first."""
    found: list[Period] = []
    last = min(until, today)
    one = period_of(rhythm, since)
    while one.first <= last:
        found.append(one)
        one = period_of(rhythm, one.last + timedelta(days=1))
    return found[::-1]


# --- fields ---


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that the records answer for an area at any time. `narrow` ones may be asked for a class or a department."""

    zh: str
    en: str
    unit_zh: str = "件"
    unit_en: str = ""
    narrow: bool = True


FIGURES: dict[str, Figure] = {
    "cells": Figure("网格数", "Cells", "个", narrow=False),
    "households": Figure("户数", "Households", "户", narrow=False),
    "residents": Figure("登记人数", "Residents in the register", "人", narrow=False),
    "over_60": Figure("60岁以上人数", "Residents of 60 or older", "人", narrow=False),
    "over_80": Figure("80岁以上人数", "Residents of 80 or older", "人", narrow=False),
    "under_14": Figure("14岁以下人数", "Residents under 14", "人", narrow=False),
    "buildings": Figure("楼栋数", "Buildings", "栋", narrow=False),
    "organisations": Figure("单位组织数", "Organisations", "个", narrow=False),
    "public_objects": Figure("部件数", "Public objects", "个", narrow=False),
    "open": Figure("在办案件", "Open cases"),
    "overdue": Figure("超时未结案件", "Overdue cases"),
    "reported": Figure("本期上报案件", "Cases reported in the period"),
    "closed": Figure("本期办结案件", "Cases closed in the period"),
    "objects": Figure("本期部件案件", "Cases of public objects in the period"),
    "events": Figure("本期事件案件", "Cases of events in the period"),
    "matters": Figure("本期受理事务", "Matters registered in the period"),
    "median_days": Figure("办结天数中位数", "Median days to close, closed in the period", "天", "days"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form: a figure from the records (with what it is narrowed to), or a question."""

    key: str
    figure: str = ""
    class_key: str = ""
    department: int | None = None
    label: str = ""
    type: str = "text"
    choices: tuple[str, ...] = ()

    @property
    def recorded(self) -> bool:
        return bool(self.figure)


def figure_key(figure: str, class_key: str = "", department: int | None = None) -> str:
    """The key under which a recorded figure stands in answers."""
    return f"record:{figure}:{class_key}:{department or ''}"


def key_of(label: str) -> str:
    """The canonical key of a question: the same for labels that differ only in width, case, spaces, marks or a unit."""
    plain = unicodedata.normalize("NFKC", label).lower()
    bare = re.sub(r"\([^)]*\)", "", plain)
    letters = re.sub(r"[\W_]+", "", bare) or re.sub(r"[\W_]+", "", plain)
    return f"asked:{letters}"


def on_record(label: str) -> str | None:
    """The figure that a question asks for by its name, if the records answer it."""
    names = {key_of(name): figure for figure, known in FIGURES.items() for name in (known.zh, known.en)}
    return names.get(key_of(label))


PERSON = Reason(
    "person",
    "报表只问数量和情况，不收集个人姓名、名单、电话、住址、生日。",
    "A form asks for counts and facts; names, lists of people, telephone numbers, addresses and birthdays are not collected.",
)
_PERSON_ZH = (
    "姓名 名单 花名册 联系电话 联系方式 手机号 电话号码 住址 家庭地址 出生日期 出生年月 生日 户主 银行卡 微信号"
)
_PERSON_EN = (
    "full name|names of|name of (?:the )?(?:resident|person|worker|applicant|householder)|list of (?:people|persons|names|residents)|"
    "phone|mobile number|telephone|home address|birth ?date|date of birth|birthday|bank account|bank card"
)
_NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


def refused_name(name: str) -> Reason | None:
    """Why a demand, field or choice of this name does not pass the gate; None if it does."""
    plain = unicodedata.normalize("NFKC", name)
    if any(word in plain for word in _PERSON_ZH.split()) or re.search(rf"\b(?:{_PERSON_EN})", plain, re.IGNORECASE):
        return PERSON
    return forbidden(plain)


def names_a_person(text: str) -> bool:
    """Whether an answer holds what looks like an identity number or a mobile telephone number."""
    return bool(_NUMBERS.search(unicodedata.normalize("NFKC", text)))


def fits(field: Field, value: object) -> bool:
    """Whether an answer is of the kind that its question asks for."""
    match field.type:
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
        case "date":
            return isinstance(value, str) and _is_day(value)
        case "choice":
            return isinstance(value, str) and value in field.choices
        case _:
            return isinstance(value, str) and 0 < len(value.strip()) <= 500


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
