"""The tree of departments: what an administrator manages, what lies with each, and who takes over from one that ended."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from gridmap import access, areacode
from gridmap.errors import ProblemError
from gridmap.models import Department, Grant, User
from gridmap.queries import area_names, departments_in_force, hold_department, people_in_reach
from incidents.models import Incident, ProcedureVersion, RoutingRule, RuleSetState
from incidents.queries.parts import open_parts, parts_with
from incidents.workflow import TERMINAL, State

Row = dict[str, Any]

# Verified: the department has done its work, and stays named as the one that did.
_NOTHING_TO_DO = sorted({*TERMINAL, State.VERIFIED})


def department_tree(user: User) -> list[Row]:
    """The departments that the user manages, those that ended too, by code; the tree follows from `parent`.

    Each with the number of cases, rules and stages that lie with it, and with its people.
    """
    scope = access.scope_of(user, "department.manage")
    rows = list(Department.objects.filter(scope.q()).select_related("successor").order_by("code"))
    names = area_names(one.area_code for one in rows)
    cases, rules, stages = _cases(rows), _rules(rows), _stages(rows)
    people = _people(user, rows)
    return [
        _shown(one, names)
        | {"cases": cases[one.pk], "rules": rules[one.pk], "stages": stages[one.code], "people": people[one.pk]}
        for one in rows
    ]


def department_of(user: User, department: int) -> Department:
    """One department for a change, locked; `not_found` where it is not hers to manage."""
    scope = access.scope_of(user, "department.manage")
    found = Department.objects.select_for_update(no_key=True).filter(scope.q(), pk=department).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def department_shown(one: Department) -> Row:
    """A department as an answer has it, without what lies with it."""
    return _shown(one, area_names([one.area_code]))


def _shown(one: Department, names: dict[str, str]) -> Row:
    return {
        "id": one.pk, "code": one.code, "name": one.name, "name_en": one.name_en, "area": one.area_code,
        "area_name": names.get(one.area_code, one.area_code), "parent": one.parent_id,
        "successor": one.successor_id, "successor_name": one.successor.name if one.successor else None,
        "ended": one.valid_to.isoformat() if one.valid_to else None, "over": is_over(one), "version": one.version,
    }  # fmt: skip


def is_over(one: Department) -> bool:
    """Whether its last day has passed."""
    return one.valid_to is not None and one.valid_to < timezone.localdate()


def departments_below(one: Department) -> QuerySet[Department]:
    """The departments in force right under this one."""
    return departments_in_force().filter(parent=one)


def departments_serving(area_code: str) -> QuerySet[Department]:
    """Departments without an end that serve all of this area."""
    return Department.objects.filter(valid_to=None, area_code__in=areacode.ancestors(area_code))


def awaited(one: Department) -> bool:
    """Whether a department that has not handed over yet will do so to this one, by way of other successors or at once."""
    to_come = Department.objects.filter(successor__isnull=False, handed_at=None).select_related("successor")
    return any(heir_of(other) == one for other in to_come)


def heir_of(one: Department) -> Department | None:
    """Who takes over from a department that ended: its successor, or the successor of that one; None where nobody does."""
    heir = one.successor
    while heir and is_over(heir):
        heir = heir.successor
    return heir


def acting_for(one: Department, holder: int | None) -> Department:
    """Who has today what is given to this department: itself, or whoever took over; else the one above it, else itself.

    Until the transaction ends it does not end either, unless it is the `holder` of the case already: then whoever ends
    it waits for the case.
    """
    if one.pk == holder or hold_department(one.pk):
        return one
    one.refresh_from_db()
    heir = heir_of(one) or one.parent
    return acting_for(heir, holder) if heir else one


def departments_to_hand_over() -> list[int]:
    """Departments whose last day has passed and whose successor has not taken over yet."""
    over = Department.objects.filter(valid_to__lt=timezone.localdate(), successor__isnull=False, handed_at=None)
    return list(over.order_by("pk").values_list("pk", flat=True))


def cases_with(one: Department) -> QuerySet[Incident]:
    """The open cases in which something is left to do for this department."""
    return Incident.objects.filter(department=one).exclude(state__in=_NOTHING_TO_DO)


def left_with(one: Department) -> Row:
    """How many open cases, with those that it joined, and stages of procedures need this department."""
    return {"cases": cases_with(one).count() + parts_with(one).count(), "stages": _stages([one])[one.code]}


def _cases(rows: Sequence[Department]) -> Counter[int]:
    found = (
        Incident.objects.exclude(state__in=sorted(TERMINAL)).exclude(state=State.VERIFIED).filter(department__in=rows)
    )
    led, joined = (
        Counter(dict(rows.values_list("department").annotate(Count("pk")).order_by()))
        for rows in (found, open_parts().filter(department__in=rows))
    )
    return led + joined


def _rules(rows: Sequence[Department]) -> Counter[int]:
    found = RoutingRule.objects.filter(rule_set__state=RuleSetState.IN_FORCE, department__in=rows)
    return Counter(found.values_list("department", flat=True))


def _stages(rows: Sequence[Department]) -> Counter[str]:
    """How many stages name each department: of versions in force, of those to come, and of running cases."""
    codes = {one.code for one in rows}
    running = Incident.objects.exclude(state__in=sorted(TERMINAL)).filter(procedure__isnull=False).values("procedure")
    newest: dict[int, ProcedureVersion] = {}
    kept = []
    for version in ProcedureVersion.objects.filter(valid_from__isnull=False).order_by("valid_from", "number"):
        if version.valid_from and version.valid_from <= timezone.localdate():
            newest[version.procedure_id] = version
        else:
            kept.append(version)
    kept += newest.values()
    kept += ProcedureVersion.objects.filter(pk__in=running).exclude(pk__in=[version.pk for version in kept])
    named = (stage.get("department") for version in kept for stage in version.stages)
    return Counter(code for code in named if code in codes)


def _people(user: User, rows: Sequence[Department]) -> defaultdict[int, list[Row]]:
    """Who belongs to each department; `movable` are those whom the user manages."""
    found = Grant.objects.filter(department__in=rows, user__is_active=True).select_related("user")
    listed = list(found.order_by("user__name", "pk"))
    names = area_names(one.area_code for one in listed)
    hers = set(people_in_reach(user).filter(pk__in={one.user_id for one in listed}).values_list("pk", flat=True))
    people: defaultdict[int, list[Row]] = defaultdict(list)
    for one in listed:
        people[one.department_id or 0].append({
            "grant": one.pk, "user": one.user_id, "name": str(one.user), "area": one.area_code,
            "area_name": names.get(one.area_code, one.area_code), "movable": one.user_id in hers,
        })  # fmt: skip
    return people
