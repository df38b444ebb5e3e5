"""Who may do what where: one table of role by action, one scope, one `require`. There is no other way in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from gridmap import areacode
from gridmap.errors import ProblemError
from gridmap.models import AreaSuccessor, Department, Role, User

W, A, D, H, S = Role.WORKER, Role.ACCEPTOR, Role.DISPATCHER, Role.HANDLER, Role.DIRECTOR
C, P, U, M = Role.COMMUNITY, Role.PLANNER, Role.AUDITOR, Role.ADMINISTRATOR
EVERYONE = frozenset(Role)
# What a handler may do only where her department is or was concerned.
BY_DEPARTMENT = ("incident.", "statistics.", "gate.propose", "gate.export")

# The whole of it. `manage.py rules` prints it together with the workflow.
TABLE: dict[str, frozenset[Role]] = {
    "area.view": EVERYONE,
    "area.manage": frozenset({M}),
    "department.view": EVERYONE,
    "department.manage": frozenset({M}),
    "basemap.view": EVERYONE,
    # The register of a cell. Who finds a mistake and may not edit proposes the correction.
    "register.view": frozenset({W, A, D, S, C, U, M}),
    "household.view": frozenset({W, C}),  # at which address how many live; others see sums
    "register.edit": frozenset({W, C}),
    "register.propose": frozenset({W, A, D, S, C, U, M}),
    "register.decide": frozenset({W, C}),
    "form.view": frozenset({S, C, P}),
    "register.report": frozenset({S, C, P}),  # forms and tables made from the register
    "register.import": frozenset({C, M}),
    "import.view": frozenset({C, M}),
    # People by service, where the operator turned that on; each look is written down.
    "person.view": frozenset({W, C}),
    "person.edit": frozenset({W, C}),
    "person.reveal": frozenset({W, C}),
    "person.export": frozenset({C}),
    "person.delete": frozenset({C}),
    "looks.view": frozenset({C, S, U}),
    # Cells: proposed by planners, put in force by administrators.
    "cells.view": frozenset({P, M}),
    "cells.plan": frozenset({P, M}),
    "cells.publish": frozenset({M}),
    "catalogue.manage": frozenset({M}),
    "text.manage": frozenset({M}),
    "grant.manage": frozenset({M}),
    "audit.view": frozenset({U, M}),
    "hook.view": frozenset({M}),
    "hook.manage": frozenset({M}),
    "routing.view": frozenset({S, M}),
    "routing.manage": frozenset({M}),
    "duty.set": frozenset({W}),
    "position.share": frozenset({W}),
    "duty.view": frozenset({A, D, S}),
    "incident.view": frozenset({W, A, D, H, S, C, U}),
    "incident.presence": frozenset({A, D, S, C}),  # who sits at a desk; never where a worker looks
    "incident.report": frozenset({W, A, D, S, C}),
    "incident.self_handle": frozenset({W, C}),
    "incident.note": frozenset({W, A, D, H, S, C}),
    "incident.photo": frozenset({W, A, D, H, S, C}),
    "incident.request_verification": frozenset({A, S}),
    "incident.verify_report": frozenset({W, C}),
    "incident.file": frozenset({A, S}),
    "incident.decline": frozenset({A, S}),
    "incident.assign": frozenset({D, S}),
    "incident.proceed": frozenset({D, S}),
    "incident.take": frozenset({H}),
    "incident.withdraw": frozenset({D, H, S}),
    "incident.return": frozenset({H}),
    "incident.handle": frozenset({H}),
    "incident.verify_repair": frozenset({W, A, C, S}),
    "incident.close": frozenset({A, S}),
    "incident.escalate": frozenset({W, A, C, D, S}),
    "incident.join": frozenset({W, A, D, S, C}),
    "incident.merge": frozenset({A, D, S}),
    "incident.split": frozenset({A, D, S}),
    "incident.split_off": frozenset({A, D, S}),
    "incident.put_under": frozenset({A, D, S}),
    "incident.take_out": frozenset({A, D, S}),
    "incident.correct": frozenset({W, A, D, S, C}),
    "incident.retract": frozenset({W, A, D, S, C}),
    # Matters: of these only who stands in the stage of the procedure, and only what it offers there.
    "incident.register": frozenset({A, C}),
    "incident.approve": frozenset({A, C, D, H, S}),
    "incident.forward": frozenset({A, C, D, H, S}),
    "incident.send_back": frozenset({A, C, D, H, S}),
    "incident.supplement": frozenset({A, C, D, H, S}),
    "incident.resubmit": frozenset({A, C}),
    "incident.extend": frozenset({A, C, D, H, S}),
    "incident.refuse": frozenset({A, C, D, H, S}),
    "incident.finish": frozenset({A, C, D, H, S}),
    "incident.expedite": frozenset({A, S}),
    # What one asks and another decides; an extension takes two, the lower level first.
    "incident.ask_extension": frozenset({H}),
    "incident.endorse_extension": frozenset({D, S}),  # of a department's, of a matter's
    "incident.grant_extension": frozenset({S}),
    "incident.ask_suspension": frozenset({H}),
    "incident.refuse_suspension": frozenset({S}),
    "incident.suspend": frozenset({S}),
    "incident.resume": frozenset({S}),
    "incident.object": frozenset({H}),
    "incident.review_objection": frozenset({S}),
    "incident.whistle": frozenset({S}),
    "incident.finish_part": frozenset({H}),
    "incident.decline_part": frozenset({H}),
    "procedure.view": EVERYONE,
    "procedure.manage": frozenset({S, M}),
    "incident.export": frozenset({A, D, S, C, U}),
    "statistics.view": frozenset({A, D, H, S, C, P, U}),
    "booking.view": frozenset({A, C, S}),
    # Demands on communities: the department asks, somebody else decides for the district, communities answer.
    "gate.view": EVERYONE - {P},
    "gate.propose": frozenset({H, M}),
    "gate.decide": frozenset({S, M}),
    "gate.answer": frozenset({C}),
    "gate.export": frozenset({H, M}),
    "unadmitted.view": frozenset({C, S, U, M}),
    "unadmitted.record": frozenset({C}),
    "incident.ask": frozenset({A, S}),  # and who may ask reads what the resident said
    "incident.answer": frozenset(),  # the resident's own, by her receipt
    "incident.rate": frozenset(),
    "incident.reopen": frozenset({A, S}),
    "incident.refuse_reopening": frozenset({A, S}),
}


@dataclass(frozen=True, order=True)
class Clause:
    """One way of seeing a row: its code starts with `prefix` and, for a handler, it is or was `department`'s."""

    prefix: str
    department: int | None = None

    def covers(self, area_code: str, departments: Iterable[int] = ()) -> bool:
        return area_code.startswith(self.prefix) and (self.department is None or self.department in departments)


@dataclass(frozen=True)
class Scope:
    """What a user sees under one action. `person` also sees the rows that concern her by name."""

    clauses: tuple[Clause, ...] = ()
    person: int | None = None

    def q(self, area: str = "area_code", departments: str = "departments", persons: Iterable[str] = ()) -> Q:
        """The scope as a filter; `persons` are the foreign keys that make a row one's own."""
        found = Q(pk__in=[])
        for clause in self.clauses:
            one = Q(**{f"{area}__startswith": clause.prefix})
            found |= one if clause.department is None else one & Q(**{f"{departments}__contains": [clause.department]})
        for name in persons:
            found |= Q(**{name: self.person})
        return found

    def sql(self, area: str, departments: str = "", persons: str = "") -> tuple[str, list[Any]]:
        """The scope as a SQL condition over the named columns, with its parameters; `persons` is an array column."""
        parts, params = ["false"], list[Any]()
        for clause in self.clauses:
            parts.append(
                f"{area} like %s"
                if clause.department is None
                else f"({area} like %s and {departments} @> %s::bigint[])"
            )
            params += [f"{clause.prefix}%"] if clause.department is None else [f"{clause.prefix}%", [clause.department]]
        if persons and self.person is not None:
            parts.append(f"{persons} @> %s::bigint[]")
            params.append([self.person])
        return f"({' or '.join(parts)})", params

    def covers(self, area_code: str, departments: Iterable[int] = ()) -> bool:
        return any(clause.covers(area_code, departments) for clause in self.clauses)


Row = tuple[Role, str, int | None]


@dataclass(frozen=True)
class Grants:
    """A user's grants, read once per request."""

    user_id: int
    rows: tuple[Row, ...]

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(role for role, _, _ in self.rows)

    @property
    def actions(self) -> list[str]:
        return sorted(action for action, roles in TABLE.items() if roles & self.roles)

    def scope(self, action: str) -> Scope:
        """Where this user may do `action`: the shortest prefixes, without repeats."""
        roles = TABLE[action]
        clauses = {
            Clause(prefix, department if action.startswith(BY_DEPARTMENT) else None)
            for role, prefix, department in self.rows
            if role in roles
        }
        return Scope(tuple(sorted(_shortest(clauses), key=lambda c: (c.prefix, c.department or 0))), self.user_id)


def _shortest(clauses: set[Clause]) -> set[Clause]:
    """The clauses that no other one contains."""
    return {c for c in clauses if not any(o != c and _contains(o, c) for o in clauses)}


def _contains(outer: Clause, inner: Clause) -> bool:
    return inner.prefix.startswith(outer.prefix) and outer.department in (None, inner.department)


def grants_of(user: User) -> Grants:
    """The grants of a user; kept on the user object, which lives as long as the request."""
    kept: Grants | None = getattr(user, "_grants", None)
    if kept is None:
        rows: tuple[Row, ...] = (
            tuple(
                (Role(role), code, department)
                for role, code, department in user.grants.values_list("role", "area_code", "department_id")
            )
            if user.is_active
            else ()
        )
        rows += _taken_over(rows)
        kept = Grants(user.pk, rows + _of_cells_before(rows))
        user._grants = kept  # type: ignore[attr-defined]  # a cache, not part of the model
    return kept


def _taken_over(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """What a handler has by succession: what lay with a department is her own department's once that took it over."""
    if not any(department for _, _, department in rows):
        return ()
    over = Department.objects.filter(successor__isnull=False, valid_to__lt=timezone.localdate())
    before: dict[int, list[int]] = {}
    for one, heir in over.values_list("pk", "successor_id"):
        before.setdefault(heir or 0, []).append(one)
    own = {(role, code, d) for role, code, department in rows for d in _all_before(department, before)}
    return tuple(sorted(own - set(rows)))


def _all_before(department: int | None, before: dict[int, list[int]]) -> list[int]:
    """Those that this department took over from, and those that they had taken over from."""
    direct = before.get(department or 0, [])
    return [*direct, *(d for one in direct for d in _all_before(one, before))]


def _of_cells_before(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """What a grant on a cell has by succession: closed cases and history keep the code of the cells that were cut anew into it."""
    links = _links({code for _, code, _ in rows if len(code) == areacode.WIDTHS[areacode.CELL - 1]})
    own = {(role, one, department) for role, code, department in rows for one in _behind(code, links) - {code}}
    return tuple(sorted(own - set(rows), key=lambda row: (row[1], row[0], row[2] or 0)))


def _links(cells: set[str]) -> dict[str, list[str]]:
    """From each cell to those that it follows, back through all cuts; one query, and one more for every cut there was."""
    links = dict[str, list[str]]()
    while cells:
        links |= {code: [] for code in cells}
        found = AreaSuccessor.objects.filter(successor__in=cells, predecessor__level=areacode.CELL)
        for one, heir in found.values_list("predecessor_id", "successor_id"):
            links[heir].append(one)
        cells = {one for code in cells for one in links[code]} - set(links)
    return links


def _behind(code: str, links: dict[str, list[str]]) -> set[str]:
    """A cell and all that it follows; each is looked at once, however many ways lead there."""
    found, left = {code}, [code]
    while left:
        new = set(links.get(left.pop(), ())) - found
        found |= new
        left += new
    return found


def scope_of(user: User, action: str) -> Scope:
    """Where `user` may do `action`; an empty scope sees nothing."""
    return grants_of(user).scope(action)


def require(user: User, action: str, area_code: str | None = None, departments: Iterable[int] = ()) -> None:
    """Raise `forbidden` unless a grant allows the action (at `area_code`, if given).

    Whether the caller may know that the row exists is decided before, by `visible_to`: that is a 404.
    """
    scope = scope_of(user, action)
    if not scope.clauses or (area_code is not None and not scope.covers(area_code, departments)):
        raise ProblemError("forbidden")


def as_text() -> str:
    """The table of role by action, for people."""
    width = max(map(len, TABLE)) + 2
    head = " " * width + " ".join(f"{role.value:<13}" for role in Role)
    lines = [
        f"{action:<{width}}" + " ".join(f"{'x' if role in roles else '.':<13}" for role in Role)
        for action, roles in TABLE.items()
    ]
    return "\n".join([head, *lines])
