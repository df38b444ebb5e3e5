"""Writes of routing: start a draft, replace its rules, put it in force, give it up. What was in force is never edited."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from gridmap import access, actions, events
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, User
from incidents import queries
from incidents.events import RuleSetNow
from incidents.models import RoutingRule, RuleSet, RuleSetState
from incidents.routing import Report, Rule

MOST_RULES = 2000


@dataclass(frozen=True, kw_only=True)
class Row:
    """One rule as a form gives it."""

    area: str
    department: int
    class_key: str = ""
    major: str = ""
    months: Sequence[int] = ()
    hours: tuple[int, int] | None = None
    answers: tuple[tuple[str, str], ...] = ()
    territory: bool = False


def start_draft(actor: User, area_code: str, *, mutation_id: UUID) -> Answer:
    """A new draft of a district with the rules of the version in force; the one that is there already, if there is one."""
    access.require(actor, "routing.manage", area_code)
    if not Area.objects.filter(pk=area_code, level=3, valid_to__isnull=True).exists():
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    request = {"draft_of": area_code}
    return actions.once(actor, mutation_id, request, lambda: _start(area_code, mutation_id))


def _start(area_code: str, new_id: UUID) -> Done:
    Area.objects.select_for_update().get(pk=area_code)  # one at a time: the number is the next one
    there = RuleSet.objects.filter(area_code=area_code, state=RuleSetState.DRAFT).first()
    if there:
        return Done({"id": str(there.pk)})
    last = RuleSet.objects.filter(area_code=area_code).aggregate(last=Max("number"))["last"] or 0
    made = RuleSet.objects.create(id=new_id, area_code=area_code, number=last + 1)
    now = queries.rules_in_force(area_code)
    if now:
        _store(made, queries.rules_of(now.pk))
    return Done({"id": str(made.pk)}, _draft(made, "routing.drafted"))


def replace_rules(actor: User, set_id: UUID, rows: Sequence[Row], *, version: int, mutation_id: UUID) -> Answer:
    """Put these rules, in this order, in the place of a draft's; `stale_rules` if it was changed since `version`."""
    request = {"rules_of": set_id, "version": version, "rules": [asdict(row) for row in rows]}
    return actions.once(actor, mutation_id, request, lambda: _replace(actor, set_id, rows, version))


def _replace(actor: User, set_id: UUID, rows: Sequence[Row], version: int) -> Done:
    draft = _editable(actor, set_id, version)
    rules = [_rule(number, row) for number, row in enumerate(rows, 1)]
    draft.rules.all().delete()
    _store(draft, rules)
    return _changed(draft, "routing.edited")


def _rule(number: int, row: Row) -> Rule:
    given = row.class_key or row.major or row.months or row.hours or row.answers
    if (row.class_key and row.major) or (row.territory and given):
        raise ProblemError("bad_rule", number=number, detail={"number": number})
    stored = RoutingRule(
        number=number, area_code=row.area, department_id=row.department, class_key=row.class_key, major=row.major,
        months=sorted(set(row.months)), hours=row.hours and list(row.hours), answers=dict(row.answers), territory=row.territory,
    )  # fmt: skip
    try:
        return queries.as_rule(stored)
    except ValueError as error:
        raise ProblemError("bad_rule", number=number, detail={"number": number}) from error


def put_in_force(actor: User, set_id: UUID, *, version: int, reason: str, mutation_id: UUID) -> Answer:
    """Let a draft decide from now on; the version before it is retired and stays readable.

    `rules_not_sound` while the check finds a gap, an overlap, or something that ended.
    """
    request = {"in_force": set_id, "version": version, "reason": reason}
    return actions.once(actor, mutation_id, request, lambda: _put_in_force(actor, set_id, version, reason))


def _put_in_force(actor: User, set_id: UUID, version: int, reason: str) -> Done:
    draft = _editable(actor, set_id, version)
    if not reason:
        raise ProblemError("reason_needed", fields={"reason": "reason_needed"})
    report = queries.check_rules(draft)
    if not report.clean:
        raise _not_sound(report)
    now = timezone.now()
    before = RuleSet.objects.filter(area_code=draft.area_code, state=RuleSetState.IN_FORCE)
    before.update(state=RuleSetState.RETIRED, effective_to=now)
    draft.state, draft.effective_from, draft.reason = RuleSetState.IN_FORCE, now, reason
    return _changed(draft, "routing.put_in_force")


def _not_sound(report: Report) -> ProblemError:
    gaps, overlaps, troubles = len(report.gaps), len(report.overlaps), len(report.troubles)
    detail = {"gaps": gaps, "overlaps": overlaps, "troubles": troubles}
    return ProblemError("rules_not_sound", detail=detail, gaps=gaps, overlaps=overlaps, troubles=troubles)


def rules_to(one: Department, heir: Department, reason: str) -> list[events.Draft]:
    """Let rules name the successor of a department that ended: a new version of each set in force, and the drafts.

    The check is not asked: nothing that it finds can come of another name. The events are not stored.
    """
    codes = RuleSet.objects.filter(rules__department=one, state__in=_LIVING).values("area_code")
    list(Area.objects.select_for_update().filter(pk__in=codes).order_by("pk"))  # nobody begins a draft meanwhile
    # Drafts first, as whoever puts one in force locks them; then what is in force, this one perhaps.
    sets = list(
        RuleSet.objects.select_for_update().filter(area_code__in=codes, state__in=_LIVING).order_by("state", "pk")
    )
    naming = [found for found in sets if found.rules.filter(department=one).exists()]
    return [
        _follow_up(found, one, heir, reason) if found.state == RuleSetState.IN_FORCE else _renamed(found, one, heir)
        for found in naming
    ]


_LIVING = (RuleSetState.DRAFT, RuleSetState.IN_FORCE)


def _renamed(draft: RuleSet, one: Department, heir: Department) -> events.Draft:
    draft.rules.filter(department=one).update(department=heir)
    event = _changed(draft, "routing.edited").event
    assert event
    return event


def _follow_up(found: RuleSet, one: Department, heir: Department, reason: str) -> events.Draft:
    """What was in force is never edited: the next version says the same, but for the department."""
    now = timezone.now()
    RuleSet.objects.filter(pk=found.pk).update(state=RuleSetState.RETIRED, effective_to=now)
    last = RuleSet.objects.filter(area_code=found.area_code).aggregate(last=Max("number"))["last"]
    made = RuleSet.objects.create(
        id=uuid4(),
        area_code=found.area_code,
        number=last + 1,
        state=RuleSetState.IN_FORCE,
        effective_from=now,
        reason=reason,
    )
    rules = queries.rules_of(found.pk)
    _store(made, [replace(rule, department=heir.pk) if rule.department == one.pk else rule for rule in rules])
    return _draft(made, "routing.put_in_force")


def discard(actor: User, set_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """Give a draft up: it stays readable and never decides."""
    request = {"discard": set_id, "version": version}
    return actions.once(actor, mutation_id, request, lambda: _discard(actor, set_id, version))


def _discard(actor: User, set_id: UUID, version: int) -> Done:
    draft = _editable(actor, set_id, version)
    draft.state = RuleSetState.RETIRED
    return _changed(draft, "routing.discarded")


def _editable(actor: User, set_id: UUID, version: int) -> RuleSet:
    """A draft that the actor may change, its row locked."""
    draft = queries.rule_set(actor, set_id, lock=True)
    access.require(actor, "routing.manage", draft.area_code)
    if draft.state != RuleSetState.DRAFT:
        raise ProblemError("not_a_draft")
    if draft.version != version:
        raise ProblemError("stale_rules", detail={"version": draft.version})
    return draft


def _store(made: RuleSet, rules: Sequence[Rule]) -> None:
    RoutingRule.objects.bulk_create(
        RoutingRule(
            rule_set=made, number=rule.number, area_code=rule.area, department_id=rule.department, class_key=rule.class_key,
            major=rule.major, months=list(rule.when.months), hours=list(rule.when.hours) if rule.when.hours else None,
            answers=dict(rule.answers), territory=rule.territory,
        )
        for rule in rules
    )  # fmt: skip


def _changed(draft: RuleSet, kind: str) -> Done:
    draft.version += 1
    draft.save()
    return Done({"id": str(draft.pk), "version": draft.version}, _draft(draft, kind))


@transaction.atomic
def put_rules(
    area_code: str, rules: Sequence[Rule], *, reason: str, since: datetime, actor: User | None = None
) -> RuleSet | None:
    """Put a first set of rules in force in a district that has none, as a seed does; None if it has one already.

    ValueError if its check finds anything.
    """
    if RuleSet.objects.filter(area_code=area_code).exists():
        return None
    made = RuleSet.objects.create(id=uuid4(), area_code=area_code, number=1, reason=reason)
    _store(made, rules)
    report = queries.check_rules(made)
    if not report.clean:
        raise ValueError(f"the rules do not hold: {report}")
    made.state, made.effective_from = RuleSetState.IN_FORCE, since
    made.save()
    events.record(_draft(made, "routing.put_in_force"), actor)
    return made


def _draft(found: RuleSet, kind: str) -> events.Draft:
    payload: Any = RuleSetNow(number=found.number, state=found.state)  # type: ignore[arg-type]  # one of its choices
    return events.Draft(
        kind=kind, area_code=found.area_code, object_id=str(found.pk), version=found.version, payload=payload
    )
