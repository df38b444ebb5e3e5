"""A decision in words, Chinese and English: what a dispatcher reads under "why this department".

Pure: the names come from the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from incidents.routing.rules import By, Considered, Decision, Rule, Verdict, When


class Words(NamedTuple):
    zh: str
    en: str


@dataclass(frozen=True)
class Names:
    """Names by area code, class key and department; what has none is called by its code."""

    areas: Mapping[str, Words] = field(default_factory=dict)
    classes: Mapping[str, Words] = field(default_factory=dict)
    departments: Mapping[int, Words] = field(default_factory=dict)

    def area(self, code: str) -> Words:
        return self.areas.get(code, Words(code, code))

    def department(self, number: int) -> Words:
        return self.departments.get(number, Words(f"部门 {number}", f"department {number}"))

    def concern(self, rule: Rule) -> Words:
        """The classes that a rule is for."""
        if rule.class_key:
            return self.classes.get(rule.class_key, Words(rule.class_key, rule.class_key))
        if rule.major:
            domain, _, name = rule.major.partition("/")
            kind = Words("部件", "objects") if domain == "object" else Words("事件", "events")
            return Words(f"{kind.zh}大类“{name}”", f"{kind.en} of the major class “{name}”")
        return Words("全部类别", "all classes")


TERRITORY = Words("属地兜底", "territory")
_MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# Why a rule did not decide.
VERDICTS: dict[Verdict, Words] = {
    Verdict.CHOSEN: Words("符合，采用", "matches, and decides"),
    Verdict.OTHER_AREA: Words("不在这个区域", "another area"),
    Verdict.OTHER_CLASS: Words("不是这个类别", "another class"),
    Verdict.OTHER_TIME: Words("上报时间不在规定时段", "not the time of the report"),
    Verdict.OTHER_ANSWERS: Words("填报的内容不符", "the report's answers differ"),
    Verdict.MAINTAINER_FIRST: Words("符合，但部件自己的养护单位优先", "matches, but the object's own maintainer comes first"),
    Verdict.BROKEN: Words("符合，但规则已失效：所指的区域、类别或部门已停用",
                          "matches, but is broken: an area, class or department that it names has ended"),
    Verdict.WIDER_AREA: Words("符合，但有区域更具体的规则", "matches, but a rule of a more specific area comes first"),
    Verdict.WIDER_CLASS: Words("符合，但有类别更具体的规则", "matches, but a rule of a more specific class comes first"),
    Verdict.FEWER_ANSWERS: Words("符合，但有限定了填报内容的规则", "matches, but a rule that asks for more answers comes first"),
    Verdict.WIDER_TIME: Words("符合，但有时段更具体的规则", "matches, but a rule of a narrower time comes first"),
    Verdict.TERRITORY_LAST: Words("属地兜底，只在没有别的规则时采用", "the territory takes only what no other rule takes"),
    Verdict.LATER_ROW: Words("符合，但同级规则中排在后面", "matches, but stands after a rule of equal rank"),
}  # fmt: skip


def time_words(when: When) -> Words:
    """The time of a rule; empty where it always holds."""
    parts_zh, parts_en = [], []
    if when.months:
        months = sorted(when.months)
        parts_zh.append("、".join(map(str, months)) + " 月")
        parts_en.append(", ".join(_MONTHS_EN[month - 1] for month in months))
    if when.hours:
        start, end = when.hours
        span = f"{start:02}:00–{end:02}:00"
        parts_zh.append(span)
        parts_en.append(span)
    return Words(" ".join(parts_zh), " ".join(parts_en))


def rule_words(rule: Rule, names: Names) -> Words:
    """A rule as one line: where, what, when, on which answers."""
    area, what, when = names.area(rule.area), names.concern(rule), time_words(rule.when)
    if rule.territory:
        return Words(f"{area.zh} · {TERRITORY.zh}", f"{area.en} · {TERRITORY.en}")
    answers = ", ".join(f"{key} = {value}" for key, value in rule.answers)
    return Words(
        " · ".join(filter(None, (area.zh, what.zh, when.zh, answers))),
        " · ".join(filter(None, (area.en, what.en, when.en, answers))),
    )


def step_words(step: Considered, names: Names) -> Words:
    """One rule that was considered, where it points, and what became of it."""
    rule, fate, office = rule_words(step.rule, names), VERDICTS[step.verdict], names.department(step.rule.department)
    number = step.rule.number
    return Words(
        f"第 {number} 条 {rule.zh} → {office.zh}：{fate.zh}。", f"Rule {number}, {rule.en} → {office.en}: {fate.en}."
    )


def line(decision: Decision, names: Names) -> Words:
    """Why this department, in one sentence."""
    office = names.department(decision.department) if decision.department is not None else Words("", "")
    if decision.by is By.MAINTAINER:
        return Words(f"{office.zh}：部件的养护单位。", f"{office.en}: it maintains this object.")
    if decision.failed:
        return _failed(decision, decision.failed, names, office)
    if decision.by is By.NOBODY or decision.rule is None:
        return Words("没有规则指明部门，请派遣员选择。", "No rule names a department: the dispatcher chooses.")
    rule = rule_words(decision.rule, names)
    if decision.by is By.TERRITORY:
        return Words(
            f"{office.zh}：没有规则指明部门，先由属地受理（{rule.zh}）。",
            f"{office.en}: no rule names a department, so the territory takes it first ({rule.en}).",
        )
    number = decision.rule.number
    return Words(f"{office.zh}：按第 {number} 条规则（{rule.zh}）。", f"{office.en}: by rule {number} ({rule.en}).")


def _failed(decision: Decision, failed: Rule, names: Names, office: Words) -> Words:
    rule = rule_words(failed, names)
    zh, en = f"第 {failed.number} 条规则（{rule.zh}）已失效", f"Rule {failed.number} ({rule.en}) is broken"
    if decision.department is None:
        return Words(
            f"{zh}，也没有属地兜底，请派遣员选择。", f"{en} and there is no territory: the dispatcher chooses."
        )
    return Words(
        f"{office.zh}：{zh}，先由属地受理。", f"{office.en}: {en[0].lower()}{en[1:]}, so the territory takes it first."
    )
