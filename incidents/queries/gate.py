"""Reads of the register of demands. A demand is seen by who serves in its area, above or below it: it concerns them all."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gridmap import access, areacode
from gridmap.access import Scope
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, User
from gridmap.queries import area_names, departments_in_scope
from incidents import demands
from incidents.demands import FIGURES, LIVING, STEPS, WARN_BEFORE, Field, Kind, Rhythm, Standing
from incidents.models import Demand, IncidentClass, Unadmitted

PAGE = 100
# What the tabs of the page show. All but what is in force may be refused by a community.
TABS = {
    "in_force": [Standing.IN_FORCE],
    "proposed": [Standing.PROPOSED],
    "refused": [Standing.REFUSED, Standing.WITHDRAWN],
    "expired": [Standing.EXPIRED, Standing.ENDED],
}


def reach(scope: Scope, area: str = "area_code") -> Q:
    """Rows whose area lies in a scope or holds one of its areas, as a filter."""
    found = Q(pk__in=[])
    for clause in scope.clauses:
        found |= Q(**{f"{area}__startswith": clause.prefix}) | Q(**{f"{area}__in": areacode.ancestors(clause.prefix)})
    return found


def touches(scope: Scope, code: str) -> bool:
    """Whether an area lies in a scope or holds one of its areas: as `reach`, without asking the database."""
    return any(code.startswith(clause.prefix) or clause.prefix.startswith(code) for clause in scope.clauses)


def demands_of(user: User) -> QuerySet[Demand]:
    """The demands a user may see."""
    return Demand.objects.filter(reach(access.scope_of(user, "gate.view"))).select_related("department")


def demand_of(user: User, demand_id: UUID, *, lock: bool = False) -> Demand:
    """One demand that the user may see, its row locked for a change if asked; else `not_found`."""
    rows = demands_of(user).filter(pk=demand_id)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def register(user: User, tab: str, q: str, area: str, offset: int) -> dict[str, Any]:
    """A page of the register: one tab, the words looked for, how many stand in each tab, and what the user may begin."""
    seen = demands_of(user)
    if area:
        seen = seen.filter(Q(area_code__startswith=area) | Q(area_code__in=_above(area)))
    for word in q.split():
        columns = ("title", "what", "ground", "ground_number", "department__name", "department__name_en")
        seen = seen.filter(Q(*((f"{name}__icontains", word) for name in columns), _connector=Q.OR))
    states = dict(seen.order_by().values_list("state").annotate(n=Count("pk")))
    rows = list(seen.filter(state__in=TABS[tab])[offset : offset + PAGE])
    names = area_names(row.area_code for row in rows)
    return {
        "items": [head(user, row, names) for row in rows],
        "counts": {name: sum(states.get(state, 0) for state in kinds) for name, kinds in TABS.items()},
        "more": offset + len(rows) < sum(states.get(state, 0) for state in TABS[tab]),
        "propose": _may_propose(user),
        "communities": [_area(area) for area in own_communities(user, "unadmitted.record")],
    }


def _above(code: str) -> list[str]:
    return areacode.ancestors(code) if areacode.is_valid(code) else []


def _may_propose(user: User) -> dict[str, Any]:
    """The areas and departments for which the user may propose."""
    scope = access.scope_of(user, "gate.propose")
    own = {clause.department for clause in scope.clauses}
    bodies = departments_in_scope(user) if scope.clauses else Department.objects.none()
    areas = Area.objects.filter(reach(scope, "pk"), level__in=(areacode.DISTRICT, areacode.STREET), valid_to=None)
    return {
        "departments": [_body(one) for one in bodies if None in own or one.pk in own],
        "areas": [_area(area) for area in areas if any(area.pk.startswith(c.prefix) for c in scope.clauses)],
    }


def own_communities(user: User, action: str, within: str = "") -> list[Area]:
    """The communities in force for which the user may do an action, in the order of their codes."""
    scope = access.scope_of(user, action)
    rows = Area.objects.filter(scope.q("code"), level=areacode.COMMUNITY, valid_to=None, code__startswith=within)
    return list(rows.order_by("code").only("code", "name", "name_en"))


def heard_at(area_code: str) -> list[str]:
    """Where a change of a demand is told: in each community it concerns, or in its own area where there is none."""
    codes = Area.objects.filter(code__startswith=area_code, level=areacode.COMMUNITY, valid_to=None)
    return list(codes.order_by("code").values_list("code", flat=True)) or [area_code]


def steps_for(user: User, demand: Demand) -> list[str]:
    """What the user may do with a demand as it stands."""
    state, found = Standing(demand.state), list[str]()
    decides = access.scope_of(user, "gate.decide").covers(district_of(demand))
    if decides and demand.proposed_by_id != user.pk:
        found += [step for step in ("approve", "refuse", "end") if (step, state) in STEPS]
    if access.scope_of(user, "gate.propose").covers(demand.area_code, (demand.department_id,)) and state in LIVING:
        found.append("withdraw")
    if demand.kind == Kind.FORM:
        begun = state is Standing.IN_FORCE and demand.since <= timezone.localdate()
        if begun and touches(access.scope_of(user, "gate.answer"), demand.area_code):
            found.append("answer")
        if state is not Standing.PROPOSED and access.scope_of(user, "gate.export").covers(
            demand.area_code, (demand.department_id,)
        ):
            found.append("export")
    return found


def district_of(demand: Demand) -> str:
    """Who decides of a demand does so for this district."""
    return demand.area_code[: areacode.WIDTHS[areacode.DISTRICT - 1]]


def head(user: User, demand: Demand, names: dict[str, str]) -> dict[str, Any]:
    """A demand as the register shows it."""
    plain = (
        "kind", "title", "what", "ground", "ground_number", "since", "until", "money", "staff", "rhythm", "state", "reason",
        "proposed_at", "decided_at", "ended_at", "version",
    )  # fmt: skip
    today = timezone.localdate()
    in_force = demand.state == Standing.IN_FORCE
    return {name: getattr(demand, name) for name in plain} | {
        "id": str(demand.pk), "area": demand.area_code, "area_name": names.get(demand.area_code, demand.area_code),
        "department": _body(demand.department), "fields": len(demand.fields), "may": steps_for(user, demand),
        "refusable": not in_force or demand.since > today,
        "ends_soon": in_force and demand.until - WARN_BEFORE <= today,
    }  # fmt: skip


def demand_detail(user: User, demand: Demand) -> dict[str, Any]:
    """A demand with its fields, what of them is collected already, its periods, and the communities that may answer."""
    fields = fields_of(demand)
    own = own_communities(user, "gate.answer", demand.area_code) if demand.kind == Kind.FORM else []
    return head(user, demand, area_names([demand.area_code])) | {
        "form": [field_out(field) for field in named(fields)],
        "collected": collected(demand, fields),
        "periods": [period.label for period in periods_of(demand)],
        "communities": [_area(area) for area in own],
        "answered": sorted(set(demand.answers.filter(area_code__in=[a.pk for a in own]).values_list("area_code", "period"))),
    }  # fmt: skip


def periods_of(demand: Demand) -> list[demands.Period]:
    """The periods of a form that have begun, the latest first."""
    return demands.periods(Rhythm(demand.rhythm), demand.since, demand.until, timezone.localdate())


def fields_of(demand: Demand) -> list[Field]:
    return [Field(**field | {"choices": tuple(field["choices"])}) for field in demand.fields]


Named = tuple[Field, str, str]


def named(fields: Sequence[Field]) -> list[Named]:
    """Each field with its name in Chinese and English; that of a figure says what it is narrowed to."""
    classes = (
        {k.key: k for k in IncidentClass.objects.filter(valid_to=None)} if any(f.class_key for f in fields) else {}
    )
    bodies = Department.objects.in_bulk([f.department for f in fields if f.department])
    found = []
    for field in fields:
        figure = FIGURES.get(field.figure)
        zh, en = (figure.zh, figure.en) if figure else (field.label, field.label)
        narrow = [one for one in (classes.get(field.class_key), bodies.get(field.department or 0)) if one]
        zh = "·".join([zh, *(one.name for one in narrow)])
        found.append((field, zh, ", ".join([en, *(one.name_en or one.name for one in narrow)])))
    return found


def field_out(one: Named) -> dict[str, Any]:
    field, zh, en = one
    figure = FIGURES.get(field.figure)
    unit = {"unit": figure.unit_zh, "unit_en": figure.unit_en} if figure else {"unit": "", "unit_en": ""}
    return asdict(field) | {"name": zh, "name_en": en, "choices": list(field.choices)} | unit


def collected(demand: Demand, fields: Sequence[Field]) -> dict[str, Any]:
    """Which fields need no asking: the records answer them, or another form in force asks them in the same rhythm."""
    others = Demand.objects.filter(
        Q(area_code__startswith=demand.area_code) | Q(area_code__in=areacode.ancestors(demand.area_code)),
        state=Standing.IN_FORCE, kind=Kind.FORM, rhythm=demand.rhythm,
    ).exclude(pk=demand.pk)  # fmt: skip
    asked = {field["key"]: other.title for other in others for field in other.fields if not field["figure"]}
    known = [
        {"key": field.key, "by": "record" if field.recorded else "form", "form": asked.get(field.key, "")}
        for field in fields
        if field.recorded or field.key in asked
    ]
    return {"count": len(known), "of": len(fields), "fields": known}


def known_fields(user: User) -> dict[str, Any]:
    """What a form can be made of: the figures on record, and the questions that forms of the user's areas ask already."""
    figures = [
        {"figure": name, "name": f.zh, "name_en": f.en, "unit": f.unit_zh, "unit_en": f.unit_en, "narrow": f.narrow}
        for name, f in FIGURES.items()
    ]
    asked: dict[str, dict[str, Any]] = {}
    for demand in demands_of(user).filter(state__in=LIVING, kind=Kind.FORM):
        for field in demand.fields:
            if not field["figure"]:
                asked.setdefault(field["key"], {name: field[name] for name in ("label", "type", "choices")})
    return {"figures": figures, "asked": list(asked.values())}


def unadmitted(user: User) -> list[dict[str, Any]]:
    """What communities were asked for without admission, the latest first; a community sees its own."""
    scope = access.scope_of(user, "unadmitted.view")
    rows = list(Unadmitted.objects.filter(scope.q()).select_related("department")[:PAGE])
    names = area_names(row.area_code for row in rows)
    return [
        {
            "id": str(row.pk), "area": row.area_code, "area_name": names.get(row.area_code, row.area_code),
            "asked_by": row.asked_by, "department": _body(row.department) if row.department else None, "kind": row.kind,
            "what": row.what, "recorded_at": row.recorded_at,
        }
        for row in rows
    ]  # fmt: skip


def expired() -> QuerySet[Demand]:
    """Demands whose last day is over and of which nobody said so yet."""
    return Demand.objects.filter(state__in=LIVING, until__lt=timezone.localdate()).order_by("pk")


def ending() -> QuerySet[Demand]:
    """Demands in force that end within 30 days and of which nobody was warned."""
    soon = timezone.localdate() + WARN_BEFORE
    return Demand.objects.filter(state=Standing.IN_FORCE, until__lte=soon, warned_at=None).order_by("pk")


def _area(area: Area) -> dict[str, str]:
    return {"code": area.code, "name": area.name, "name_en": area.name_en}


def _body(department: Department) -> dict[str, Any]:
    return {"id": department.pk, "name": department.name, "name_en": department.name_en}
