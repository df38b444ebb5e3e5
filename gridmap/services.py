"""The services for which a resident may be known by name: what each is for, on what ground, which values it takes and how long.

Each is a register of its own: nothing is looked for across two of them. What is kept is what the person agreed to on the
form whose version stands with her consent; whoever runs this confirms ground, wording and terms before it is turned on.
A value that is not named here is not taken. Pure.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gridmap.vault import DASHES, DOTS

Text = tuple[str, str]  # Chinese, English
WITHDRAWN_DAYS = 7  # from the day on which consent was withdrawn until all is deleted: time to give a copy
OLDEST = 1900


@dataclass(frozen=True, slots=True)
class Field:
    """A value that a service takes, and what it is needed for."""

    key: str
    name: Text
    why: Text
    required: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A register of people served."""

    key: str
    name: Text
    purpose: Text
    ground: Text
    form: int  # version of the words below; a change of them is a new version
    consent: Text
    fields: tuple[Field, ...]
    keep_days: int  # after the service ended

    def takes(self, key: str) -> bool:
        return any(field.key == key for field in self.fields)


CONSENT = (
    "个人信息保护法第十三条第一款第一项(本人同意)、第二十九条(敏感个人信息须单独同意)",
    "Personal Information Protection Law, art. 13(1)(1) (consent) and art. 29 (separate consent for sensitive information)",
)
NAME = Field("name", ("姓名", "Name"), ("联系本人时称呼", "To address the person"), required=True)


def _place(why: Text) -> Field:
    """A place of the register; kept as its id, shown as its address."""
    return Field("place", ("住址", "Address"), why)


def _phone(why: Text) -> Field:
    return Field("phone", ("电话", "Telephone"), why)


def _form(what: Text, days: int) -> Text:
    """What a person agrees to, read to her or signed by her."""
    chinese = (
        f"我同意社区为{what[0]}登记并使用我提供的信息,仅由本网格和本社区的服务人员使用。每次查看都有记录,我可以随时查阅、更正、"
        f"要求删除或撤回同意;撤回不影响我办理其他事项。服务结束后 {days} 天内删除,撤回同意后 {WITHDRAWN_DAYS} 天内删除。"
    )
    english = (
        f"I agree that the community records and uses what I tell it for {what[1]}, and that only those who serve this cell "
        f"and this community use it. Each look is recorded. I may see, correct and delete it or withdraw at any time, without harm "
        f"to any other matter of mine. It is deleted {days} days after the service ends, {WITHDRAWN_DAYS} days after I withdraw."
    )
    return chinese, english


CARE_FOR = ("上门关怀、约定走访和紧急联系", "visits by appointment, care at home and calls in an emergency")
AIDS_FOR = ("安排康复、辅具和无障碍服务", "arranging rehabilitation, aids and access")
JOBS_FOR = ("推荐岗位、安排培训和通知招聘", "recommending jobs and training and telling of openings")
HELP_FOR = ("告知和办理救助事项", "telling of assistance and handling its matters")

SERVICES: dict[str, Service] = {
    one.key: one
    for one in (
        Service(
            "care", ("关怀照护", "Care"), CARE_FOR, CONSENT, 1, _form(CARE_FOR, 365), (
                NAME, _phone(("约定走访时间、紧急时联系", "To agree on a visit, to call in an emergency")),
                _place(("上门走访", "To visit")),
                Field("birth_year", ("出生年份", "Year of birth"), ("高龄服务按年龄提供", "Services for the very old go by age")),
                Field("need", ("需要的服务", "What is needed"), ("安排合适的服务", "To arrange what fits")),
            ), 365,
        ),
        Service(
            "disability", ("助残服务", "Disability"), AIDS_FOR, CONSENT, 1, _form(AIDS_FOR, 365), (
                NAME, _phone(("约定服务时间", "To agree on a time")), _place(("上门安装和服务", "To come and install")),
                Field("need", ("需要的辅具或服务", "Aid or service needed"), ("安排辅具和服务", "To arrange aids and services")),
            ), 365,
        ),
        Service(
            "job_seeking", ("就业帮扶", "Job-seeking"), JOBS_FOR, CONSENT, 1, _form(JOBS_FOR, 180), (
                NAME, _phone(("通知岗位和培训", "To tell of jobs and training")),
                Field("need", ("求职意向", "Work wanted"), ("推荐合适的岗位", "To recommend what fits")),
            ), 180,
        ),
        Service(
            "allowance", ("救助服务", "Allowance"), HELP_FOR, CONSENT, 1, _form(HELP_FOR, 365), (
                NAME, _phone(("告知办理进度", "To tell how a matter stands")),
            ), 365,
        ),
    )
}  # fmt: skip

# What a masked value may be opened for; words of the one who looks stand beside it.
PURPOSES: dict[str, Text] = {
    "visit": ("上门走访", "A visit"),
    "contact": ("联系本人", "To contact the person"),
    "arrange": ("安排服务", "To arrange a service"),
    "correct": ("核对更正", "To check and correct"),
    "request": ("本人要求", "The person asked"),
    "emergency": ("紧急情况", "An emergency"),
}

PHONE = re.compile(r"^(?:(?:\+?86|0086)?1[3-9]\d{9}|0\d{2,3}[1-9]\d{6,7})$")
IDENTITY = re.compile(r"\d{17}[\dXx]|\d{15}")
MOST = {"name": 40, "need": 300}

Value = str | int | list[float] | None
Values = Mapping[str, Value]


def plain(value: str) -> str:
    """A value as it is kept: full-width signs are narrow, blanks at its ends are gone."""
    return unicodedata.normalize("NFKC", value).strip()


def digits(value: str) -> str:
    """The digits of a telephone number, without blanks, dots and strokes."""
    return re.sub(rf"[\s{DOTS}{DASHES}()]", "", plain(value))


def wrong(service: Service, values: Values, today: date) -> dict[str, str]:
    """What cannot be taken: field to code of the error. A code says what is wrong and never repeats the value."""
    taken = {"point", *(field.key for field in service.fields)}
    found = {key: "not_taken" for key, value in values.items() if value not in (None, "") and key not in taken}
    for key, value in values.items():
        if key not in found and (code := _wrong(key, value, today)):
            found[key] = code
    return found


def _wrong(key: str, value: Value, today: date) -> str | None:
    if value in (None, "") or key in ("place", "point"):  # a place was looked up already
        return "name_needed" if key == "name" else None
    if isinstance(value, int):
        return None if key == "birth_year" and OLDEST <= value <= today.year else "bad_year"
    text = str(value)
    if key == "phone" and PHONE.match(digits(text)):
        return None
    if IDENTITY.search(digits(text)):
        return "number_of_papers"
    if key == "phone":
        return "bad_phone"
    return "too_long" if len(text) > MOST.get(key, 0) else None


def names_person(words: str, values: Values) -> bool:
    """Whether words that are kept open repeat a person's name or number."""
    said, number = plain(words), re.sub(r"\D", "", digits(words))
    name, phone = str(values.get("name") or ""), digits(str(values.get("phone") or ""))
    return bool((len(name) > 1 and name in said) or (phone and phone[-8:] in number) or len(number) >= 11)
