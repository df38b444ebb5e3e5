"""Reads of routing: versions of the rules, what they say of a case, the check, the dry run of a draft."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from gridmap import access, areacode
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, User
from gridmap.queries.register import maintainer_near
from incidents import routing
from incidents.models import Assignment, Domain, Incident, IncidentClass, RoutingRule, RuleSet, RuleSetState
from incidents.queries.visible import visible_to
from incidents.routing import Case, Decision, Facts, Office, Report, Rule, When
from incidents.routing.words import Names, Words, line, step_words

DRY_RUN = timedelta(days=30)
MOST_CASES = 20_000  # of a dry run: the latest ones
FAILED = "broken"  # what an assignment keeps when the rule that would have decided was broken
SHOWN_CASES = 200  # of them named behind the figures


# --- versions ---


def rule_sets(user: User) -> QuerySet[RuleSet]:
    """The versions of districts where the user serves: those that hold her area, or that her area holds."""
    wanted = Q(pk__in=[])
    for clause in access.scope_of(user, "routing.view").clauses:
        wanted |= Q(area_code__startswith=clause.prefix) | Q(area_code__in=areacode.ancestors(clause.prefix))
    return RuleSet.objects.filter(wanted)


def rule_set(user: User, set_id: UUID, *, lock: bool = False) -> RuleSet:
    """A version that the user may see, its row locked for a change if asked; `not_found` otherwise."""
    rows = rule_sets(user).filter(pk=set_id)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def rules_in_force(area_code: str) -> RuleSet | None:
    """The rules in force for a place."""
    district = areacode.ancestor_at(area_code, areacode.DISTRICT)
    return RuleSet.objects.filter(area_code=district, state=RuleSetState.IN_FORCE).first()


def rules_of(rule_set_id: UUID) -> list[Rule]:
    """The rows of a version, as the pure rules read them."""
    return [as_rule(row) for row in RoutingRule.objects.filter(rule_set=rule_set_id).order_by("number")]


def as_rule(row: RoutingRule) -> Rule:
    """A stored row as a rule; ValueError where its time is none."""
    when = When(tuple(row.months), (row.hours[0], row.hours[1]) if row.hours else None)
    answers = tuple(sorted(row.answers.items()))
    return Rule(row.number, row.area_code, row.department_id, row.class_key, row.major, when, answers, row.territory)


# --- the check ---


def facts(district: str, today: date | None = None) -> Facts:
    """What rules of a district may name today, and what ended."""
    day = today or timezone.localdate()
    areas = dict(Area.objects.filter(code__startswith=district).values_list("code", "valid_to"))
    gone = {code for code, end in areas.items() if end is not None}
    classes, ended = _classes(day)
    offices = Department.objects.values_list("pk", "area_code", "valid_to")
    return Facts(
        district, frozenset(areas.keys() - gone), classes,
        {pk: Office(area, end is not None and end < day) for pk, area, end in offices}, frozenset(gone), frozenset(ended),
    )  # fmt: skip


def _classes(day: date) -> tuple[dict[str, str], set[str]]:
    """Major class by key of the classes in force, and the keys of those that ended."""
    known, ended = dict[str, str](), set[str]()
    for klass in IncidentClass.objects.all():
        if klass.valid_from <= day and (klass.valid_to is None or klass.valid_to >= day):
            known[klass.key] = major_of(klass)
        else:
            ended.add(klass.key)
    return known, ended


def major_of(klass: IncidentClass) -> str:
    """The major class of a class as rules name it."""
    return f"{klass.domain}/{klass.major}"


def check_rules(found: RuleSet) -> Report:
    """The whole check of a version against what is in force today."""
    return routing.check(rules_of(found.pk), facts(found.area_code))


def unsound() -> list[tuple[RuleSet, Report]]:
    """Every version in force that does not hold any more, with what is wrong with it."""
    found = [(one, check_rules(one)) for one in RuleSet.objects.filter(state=RuleSetState.IN_FORCE)]
    return [(one, report) for one, report in found if not report.clean]


# --- one case ---


def case_of(incident: Incident, answers: Mapping[str, object]) -> Case:
    """A case as rules look at it: where, what, when it was reported, what its form says."""
    klass = incident.klass
    return Case(incident.area_code, klass.key, major_of(klass), incident.reported_at, answers)


def answers_of(incident: Incident) -> dict[str, object]:
    """What was answered to the questions of the class, by key: the values that rules compare with."""
    return {row["key"]: row["answer"] for row in incident.answers or ()}


def broken_now(rules: Sequence[Rule]) -> set[int]:
    """Which rules name an area or department that ended; that of a class in force is asked only of the whole check."""
    today = timezone.localdate()
    ended = set(
        Area.objects.filter(pk__in={r.area for r in rules}, valid_to__isnull=False).values_list("pk", flat=True)
    )
    rows = Department.objects.filter(pk__in={r.department for r in rules}).values_list("pk", "area_code", "valid_to")
    serving = {pk: area for pk, area, end in rows if end is None or end >= today}
    return {
        rule.number
        for rule in rules
        if rule.area in ended or not rule.area.startswith(serving.get(rule.department, "-"))
    }


def maintainer_of(incident: Incident) -> int | None:
    """The department that maintains the very object of a case, as the register has it; None where it is not registered."""
    klass = incident.klass
    if klass.domain != Domain.OBJECT or incident.point is None:
        return None
    return maintainer_near(incident.point, klass.scheme, klass.code)


def decided(incident: Incident, found: RuleSet) -> Decision:
    """What a version says of a case; before every rule comes who maintains the object."""
    rules, maintainer = rules_of(found.pk), maintainer_of(incident)
    return routing.decide(
        case_of(incident, answers_of(incident)), rules, maintainer=maintainer, broken=broken_now(rules)
    )


def suggester(area_code: str) -> Callable[[Incident], dict[str, Any]]:
    """What assignments in a district keep of the rules in force: version, rule, department and what named it.

    Nothing without rules. The rules are read once, for one case or many.
    """
    found = rules_in_force(area_code)
    if found is None:
        return lambda incident: {}
    rows = {row.number: row for row in found.rules.all()}
    rules = [as_rule(row) for row in rows.values()]
    broken = broken_now(rules)

    def suggest(incident: Incident) -> dict[str, Any]:
        case, maintainer = case_of(incident, answers_of(incident)), maintainer_of(incident)
        decision = routing.decide(case, rules, maintainer=maintainer, broken=broken)
        told = decision.failed or decision.rule
        by = FAILED if decision.failed else str(decision.by)
        row = rows[told.number] if told else None
        return {"rule_set": found, "rule": row, "suggested_id": decision.department, "suggested_by": by}

    return suggest


def routing_explained(incident: Incident) -> dict[str, Any]:
    """The department that the rules in force suggest, why in words, and what earlier assignments kept."""
    kept = [_kept(turn) for turn in _turns(incident)]
    found = rules_in_force(incident.area_code)
    if found is None:
        return {
            "rule_set": None,
            "number": None,
            "department": None,
            "by": None,
            "line": None,
            "steps": [],
            "kept": kept,
        }
    decision = decided(incident, found)
    steps = [step for step in decision.considered if step.verdict not in _ELSEWHERE]
    names = names_for(step.rule for step in steps)
    return {
        "rule_set": found.pk, "number": found.number, "department": decision.department, "by": str(decision.by),
        "line": _both(line(decision, names)), "kept": kept,
        "steps": [
            {"number": step.rule.number, "verdict": str(step.verdict), "department": step.rule.department,
             "text": _both(step_words(step, names))}
            for step in steps
        ],
    }  # fmt: skip


_ELSEWHERE = (routing.Verdict.OTHER_AREA, routing.Verdict.OTHER_CLASS)  # nobody asks why these do not take it


def _turns(incident: Incident) -> QuerySet[Assignment]:
    return incident.assignments.exclude(suggested_by="").select_related("department", "suggested", "rule_set", "rule")


def _kept(turn: Assignment) -> dict[str, Any]:
    rule = as_rule(turn.rule) if turn.rule else None
    if turn.suggested_by == FAILED:
        decision = Decision(turn.suggested_id, routing.By.TERRITORY, failed=rule)
    else:
        decision = Decision(turn.suggested_id, routing.By(turn.suggested_by), rule)
    names = names_for([rule] if rule else [], [turn.department_id, turn.suggested_id])
    assert turn.rule_set is not None  # kept together with what it suggested
    return {
        "assigned_at": turn.assigned_at, "department": turn.department_id, "department_name": _both(names.department(turn.department_id)),
        "suggested": turn.suggested_id, "otherwise": turn.suggested_id not in (None, turn.department_id),
        "number": turn.rule_set.number, "rule_set": turn.rule_set_id, "line": _both(line(decision, names)),
    }  # fmt: skip


def _both(words: Words) -> dict[str, str]:
    return words._asdict()


def names_for(rules: Iterable[Rule], departments: Iterable[int | None] = ()) -> Names:
    """The names that the words of some rules need."""
    rows = list(rules)
    areas = Area.objects.filter(pk__in={rule.area for rule in rows}).values_list("code", "name", "name_en")
    offices = {rule.department for rule in rows} | {one for one in departments if one is not None}
    keys = {rule.class_key for rule in rows if rule.class_key}
    classes = IncidentClass.objects.filter(code__in={key.rsplit("/", 1)[1] for key in keys}) if keys else ()
    return Names(
        {code: Words(name, name_en or name) for code, name, name_en in areas},
        {klass.key: Words(klass.name, klass.name_en or klass.name) for klass in classes},
        {one.pk: Words(one.name, one.name_en or one.name) for one in Department.objects.filter(pk__in=offices)},
    )


# --- the dry run ---


@dataclass(frozen=True)
class Trial:
    """What a draft would change: how many cases were tried, and each move with its number and the cases behind it."""

    tried: int
    moved: int
    complete: bool
    moves: list[dict[str, Any]]


def dry_run(user: User, draft: RuleSet) -> Trial:
    """A version against the cases of the last month that the user may see, beside the version in force.

    A case goes elsewhere where the two versions name different departments. Without a version in force every case does.
    """
    since = timezone.now() - DRY_RUN
    rows = visible_to(user).filter(area_code__startswith=draft.area_code, reported_at__gte=since)
    cases = list(rows.select_related("klass").order_by("-reported_at")[: MOST_CASES + 1])
    tried = cases[:MOST_CASES]
    now = rules_in_force(draft.area_code)
    before, after = _Decider(rules_of(now.pk) if now else []), _Decider(rules_of(draft.pk))
    moved: defaultdict[tuple[str, int | None, int | None], list[Incident]] = defaultdict(list)
    for incident in tried:
        case = case_of(incident, answers_of(incident))
        pair = before(case), after(case)
        if pair[0] != pair[1]:
            moved[incident.klass.key, *pair].append(incident)
    moves = sorted(moved.items(), key=lambda item: -len(item[1]))
    shown = SHOWN_CASES
    answer = []
    for (key, source, target), behind in moves:
        named, shown = behind[:shown], max(0, shown - len(behind))
        listed = [{"id": case.pk, "number": case.label} for case in named]
        answer.append(
            {
                "class_key": key,
                "from_department": source,
                "to_department": target,
                "count": len(behind),
                "cases": listed,
            }
        )
    return Trial(len(tried), sum(map(len, moved.values())), len(cases) <= MOST_CASES, answer)


class _Decider:
    """Decides many cases by one set: only the rules that concern a case's class in its area are asked, and once each."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.broken = broken_now(rules)
        self.named: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)
        for rule in rules:
            self.named[rule.area, rule.class_key or rule.major].append(rule)

    def __call__(self, case: Case) -> int | None:
        places = areacode.ancestors(case.area)
        near = [
            r
            for place in places
            for what in ("", case.major, case.class_key)
            for r in self.named.get((place, what), ())
        ]
        return routing.decide(case, near, broken=self.broken).department
