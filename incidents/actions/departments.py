"""The tree of departments as administrators of a district define it: every change is an event, and a code is never given again.

One change of the tree at a time: what is looked at here holds until the change is made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from gridmap import access, actions
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, User
from gridmap.queries import lock_tree
from incidents import queries
from incidents.actions.handover import drafted, take_over

Changes = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """What a department is called."""

    name: str
    name_en: str


def add_department(
    actor: User, *, mutation_id: UUID, code: str, named: Named, area_code: str, parent: int | None
) -> Answer:
    """Add a department that serves an area, under another one if `parent` is given."""

    def work() -> Done:
        lock_tree()
        if not Area.objects.filter(pk=area_code, valid_to=None).exists():
            raise ProblemError("unknown_area", fields={"area": "unknown_area"})
        access.require(actor, "department.manage", area_code)
        if Department.objects.filter(code=code).exists():
            raise ProblemError("department_known", fields={"code": "department_known"})
        over = _other(parent, area_code, "parent")
        made = Department.objects.create(
            code=code, name=named.name, name_en=named.name_en, area_code=area_code, parent=over
        )
        return Done(queries.department_shown(made), drafted(made, "added"))

    request = {"code": code, "name": named.name, "name_en": named.name_en, "area": area_code, "parent": parent}
    return actions.once(actor, mutation_id, request, work)


def rename_department(actor: User, department: int, *, mutation_id: UUID, version: int, named: Named) -> Answer:
    """Give a department another name. What was said of it before keeps the old one."""
    new = {"name": named.name, "name_en": named.name_en}
    return _change(actor, department, mutation_id, version, ("renamed", new), lambda one: _in_force(one, new))


def move_department(actor: User, department: int, *, mutation_id: UUID, version: int, parent: int | None) -> Answer:
    """Put a department under another one, or to the top; not under itself."""

    def moved(one: Department) -> Changes:
        over = _other(parent, one.area_code, "parent")
        above = over
        while above:
            if above.pk == one.pk:
                raise _not_there("parent")
            above = above.parent
        return _in_force(one, {"parent": over})

    return _change(actor, department, mutation_id, version, ("moved", {"parent": parent}), moved)


def end_department(
    actor: User, department: int, *, mutation_id: UUID, version: int, last_day: date | None, successor: int | None
) -> Answer:
    """End a department at once, or after its last day; its successor takes over in that moment, in the same transaction.

    A department that has ended without a successor can still be given one. `successor_needed` while cases, stages or
    other departments rely on one that would have none.
    """

    def ended(one: Department) -> Changes:
        if queries.is_over(one) and (one.successor_id or successor is None):
            raise ProblemError("department_over")
        last = one.valid_to if queries.is_over(one) else _last_day(one, last_day)
        follows = _other(successor, one.area_code, "successor")
        if follows is None:
            _needs_nobody(one, last)
        elif follows.pk == one.pk:
            raise _not_there("successor")
        return {"valid_to": last, "successor": follows}

    request = {"last_day": last_day, "successor": successor}
    return _change(actor, department, mutation_id, version, ("ended", request), ended)


def keep_department(actor: User, department: int, *, mutation_id: UUID, version: int) -> Answer:
    """Take back an end that has not come yet."""

    def kept(one: Department) -> Changes:
        if one.parent and one.parent.valid_to:
            raise _not_there("parent")
        return _in_force(one, {"valid_to": None, "successor": None})

    return _change(actor, department, mutation_id, version, ("kept", {}), kept)


def _change(
    actor: User,
    department: int,
    mutation_id: UUID,
    version: int,
    asked: tuple[str, Changes],
    changes: Callable[[Department], Changes],
) -> Answer:
    kind, request = asked

    def work() -> Done:
        lock_tree()
        one = queries.department_of(actor, department)
        if one.version != version:
            raise ProblemError("stale_department", detail={"current": queries.department_shown(one), "yours": request})
        for name, value in changes(one).items():
            setattr(one, name, value)
        one.version += 1
        one.save()
        heir = queries.heir_of(one) if kind == "ended" and queries.is_over(one) else None
        taken = take_over(one, heir) if heir else ()
        return Done(queries.department_shown(one), drafted(one, kind), also=tuple(taken))

    asks = {"department": department, "kind": kind, "version": version, **request}
    return actions.once(actor, mutation_id, asks, work)


def _in_force(one: Department, changes: Changes) -> Changes:
    if queries.is_over(one):
        raise ProblemError("department_over")
    return changes


def _last_day(one: Department, day: date | None) -> date:
    """The last day that was asked for, yesterday where it ends at once; nothing below it may last longer."""
    today = timezone.localdate()
    if day is not None and day < today:
        raise ProblemError("past_date", fields={"last_day": "past_date"})
    last = day or today - timedelta(days=1)
    if any(child.valid_to is None or child.valid_to > last for child in queries.departments_below(one)):
        raise ProblemError("department_has_children")
    if one.parent and one.parent.valid_to and one.parent.valid_to < last:
        raise _not_there("parent")
    return last


def _needs_nobody(one: Department, last: date | None) -> None:
    """Refuse an end without a successor while something relies on the department, or will."""
    left = queries.left_with(one)
    if any(left.values()):
        raise ProblemError("successor_needed", fields={"successor": "department_needed"}, detail=left, **left)
    if (last and last >= timezone.localdate()) or queries.awaited(one):
        raise ProblemError("successor_needed_later", fields={"successor": "department_needed"})


def _other(department: int | None, area_code: str, field: str) -> Department | None:
    """Another department that is in force without an end, and serves the area too."""
    if department is None:
        return None
    found = queries.departments_serving(area_code).filter(pk=department).first()
    if found is None:
        raise _not_there(field)
    return found


def _not_there(field: str) -> ProblemError:
    return ProblemError("department_not_there", fields={field: "department_not_there"})
