"""Statistics as they are answered: with the names of what they are of, and the brief of a day or a week."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from gridmap import access, areacode
from gridmap.localtime import ZONE
from gridmap.models import Area, Department, User
from incidents import counting
from incidents.labels import STATE_LABELS
from incidents.models import CaseFact, IncidentClass, Origin
from incidents.queries.recurrence import repeat_rates
from incidents.queries.statistics import Figures, Period, Spread, statistics
from incidents.queries.visible import cards, visible_to
from incidents.workflow import OPEN, TERMINAL, State

ANSWERED = {
    "class": "classes", "major": "majors", "community": "communities", "cell": "cells", "department": "departments",
    "source": "sources", "state": "states",
}  # fmt: skip
SOURCES_EN = {
    Origin.PATROL: "Patrol", Origin.SELF_HANDLED: "Solved on the spot", Origin.CITIZEN: "Citizen", Origin.HOTLINE: "Hotline 12345",
    Origin.MEDIA: "Media", Origin.SUPERIOR: "Superior office", Origin.SENSOR: "Device", Origin.IMPORT: "Import",
    Origin.COUNTER: "Counter", Origin.OPEN311: "Other system (Open311)", Origin.ONLINE: "Online",
}  # fmt: skip
NOBODY = ("未在部门手中", "With no department")
MATTERS = {  # what became of matters, and what they were given on their way
    "registered": Q(), "approved": Q(state=State.CLOSED), "refused": Q(state=State.REFUSED), "running": ~Q(state__in=TERMINAL),
    "supplemented": Q(supplemented=True), "extended": Q(extended=True),
}  # fmt: skip
MOST_OVERDUE, MOST_CLASSES, MOST_PLACES, MOST_REPEATS = 40, 10, 10, 50
Names = dict[str, tuple[str, str]]


def _names(dimension: str, keys: Iterable[str]) -> Names:
    """The Chinese and English name of each key of a dimension."""
    known = [key for key in keys if key]
    found: Names = {key: (key, key) for key in keys}
    if dimension == "class":
        found |= {str(k.pk): (k.name, k.name_en or k.name) for k in IncidentClass.objects.filter(pk__in=known)}
    elif dimension == "department":
        found |= {str(d.pk): (d.name, d.name_en or d.name) for d in Department.objects.filter(pk__in=known)}
        found |= {"": NOBODY}
    elif dimension in ("community", "cell"):
        found |= {
            a.code: (a.name, a.name_en or a.name) for a in Area.objects.filter(pk__in=known).defer("geom", "geom_3857")
        }
    elif dimension == "source":
        found |= {str(o): (o.label, SOURCES_EN[o]) for o in Origin}
    elif dimension == "state":
        found |= {str(s): (STATE_LABELS[s]["zh"], STATE_LABELS[s]["en"]) for s in State}
    return found


def _group(dimension: str, figures: dict[str, Figures]) -> list[dict[str, Any]]:
    names = _names(dimension, figures)
    rows = [{"key": k, "name": names[k][0], "name_en": names[k][1], **_flat(f)} for k, f in figures.items()]
    return sorted(rows, key=lambda row: (-row["reported"], -row["open"], -row["closed"], row["key"]))


def _flat(figures: Figures) -> dict[str, Any]:
    return {**figures.counts, "median_h": figures.median_h}


def _spread(spread: Spread) -> dict[str, Any]:
    p25, median, p75, p90 = spread.quartiles
    return {
        "count": spread.count,
        "p25": p25,
        "median": median,
        "p75": p75,
        "p90": p90,
        "mean": spread.mean,
        "share": spread.share,
        "bins": spread.bins,
    }


def answer(user: User, period: Period, unit: str = "") -> dict[str, Any]:
    """All figures of a period and area in the user's scope, as the API gives them."""
    unit = unit or counting.unit_for(period.first, period.last)
    found = statistics(user, period, unit=unit)
    return {
        **asdict(period), "unit": unit, "total": _flat(found.total),
        "closing": _spread(found.closing), "handling": _spread(found.handling), "edges_h": counting.EDGES_H,
        **{ANSWERED[name]: _group(name, figures) for name, figures in found.by.items()},
        "line": [{"day": day, **_flat(figures)} for day, figures in found.line.items()],
        "matters": matters(user, period), "definitions": counting.DEFINITIONS,
    }  # fmt: skip


def matters(user: User, period: Period) -> list[dict[str, Any]]:
    """Of the matters registered in the period, by kind: what became of them until now, and what they were given on their way.

    Approved, refused and running ones add up to the registered ones.
    """
    mine = CaseFact.objects.filter(
        counted(user, period.area, period.action), matter=True, reported_day__range=(period.first, period.last)
    )
    counts = {name: Count("pk", filter=which) for name, which in MATTERS.items()}
    rows = mine.values_list("klass").annotate(**counts)
    found = {str(key): dict(zip(MATTERS, values, strict=True)) for key, *values in rows}
    names = _names("class", found)
    named = [{"key": key, "name": names[key][0], "name_en": names[key][1], **row} for key, row in found.items()]
    return sorted(named, key=lambda row: (-row["registered"], row["key"]))


def repeats(user: User, period: Period) -> list[dict[str, Any]]:
    """Where and of what class cases of the period were the trouble of a closed one again, most often first, with names."""
    begin, end = (datetime.combine(day, time.min, ZONE) for day in (period.first, period.last + timedelta(days=1)))
    rates = repeat_rates(user, since=begin, until=end, area=period.area, most=MOST_REPEATS)
    areas = _names("cell", {code for rate in rates for code in (rate.area_code, rate.area_code[:12])})
    return [
        {
            "name": rate.title, "name_en": rate.title_en or rate.title, "area": rate.area_code, "cases": rate.cases, "again": rate.again,
            "area_name": areas[rate.area_code][0], "area_name_en": areas[rate.area_code][1],
            "community_name": areas[rate.area_code[:12]][0], "community_name_en": areas[rate.area_code[:12]][1],
        }
        for rate in rates
    ]  # fmt: skip


def counted(user: User, area: str, action: str = "statistics.view") -> Q:
    """Which facts a user may count in an area, as a filter."""
    wanted = Q(pk__in=[])
    for clause in access.scope_of(user, action).clauses:
        mine = Q(area_code__startswith=clause.prefix)
        wanted |= mine & Q(department=clause.department) if clause.department else mine
    return wanted & Q(area_code__startswith=area)


def brief(user: User, period: Period) -> dict[str, Any]:
    """What a morning meeting needs of a day or week: what came in, was closed, is overdue and with whom, what recurs."""
    whole = answer(user, period, "day")
    length = (period.last - period.first).days + 1
    before = Period(period.first - timedelta(days=length), period.first - timedelta(days=1), period.area)
    then = _flat(statistics(user, before, unit="day", events_only=True).total)
    facts = CaseFact.objects.filter(counted(user, period.area))
    return {
        **asdict(period), "total": whole["total"], "before": then | {name: whole["total"][name] for name in ("open", "overdue")},
        "classes": [row for row in whole["classes"] if row["reported"]][:MOST_CLASSES],
        "communities": [row for row in whole["communities"] if row["reported"] or row["open"]],
        "departments": _overdue_of(facts, whole["departments"]),
        "overdue": _overdue(user, period.area), "again": _again(facts, period), "definitions": counting.DEFINITIONS,
    }  # fmt: skip


def _overdue_of(facts: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The departments with what they have open, and since when the oldest of it is overdue; who has most comes first."""
    late = facts.filter(state__in=OPEN, due_at__lte=timezone.now()).values_list("department")
    oldest = {str(department or ""): at for department, at in late.annotate(at=Min("due_at"))}
    shown = [
        {**row, "oldest_due_at": oldest.get(row["key"])} for row in rows if row["open"] or row["closed"] or row["due"]
    ]
    return sorted(shown, key=lambda row: (-row["overdue"], -row["open"], row["key"]))


def _overdue(user: User, area: str) -> list[dict[str, Any]]:
    """The cases that are overdue now, longest first, of those whose cards the user may see."""
    rows = visible_to(user).filter(
        counted_cases(user), state__in=OPEN, due_at__lte=timezone.now(), area_code__startswith=area
    )
    found = cards(rows.select_related("klass", "department").order_by("due_at", "id")[:MOST_OVERDUE])
    kept = (
        "id",
        "number",
        "title",
        "title_en",
        "area",
        "area_name",
        "department",
        "department_name",
        "due_at",
        "urgent",
    )
    return [{name: getattr(card, name) for name in kept} for card in found]


def counted_cases(user: User) -> Q:
    """The same scope over cases."""
    return counted(user, "")


def _again(facts: Any, period: Period) -> list[dict[str, Any]]:
    """Class and cell in which cases came again after a closing of the last days, most often first."""
    since = period.last - timedelta(days=counting.AGAIN_DAYS)
    rows = facts.filter(came_again=True, closed_day__gt=since, closed_day__lte=period.last)
    groups = list(
        rows.values_list("klass_id", "area_code")
        .annotate(n=Count("pk"))
        .order_by("-n", "klass_id", "area_code")[:MOST_PLACES]
    )
    classes = _names("class", [str(klass) for klass, _, _ in groups])
    codes = {code for _, code, _ in groups}
    areas = _names("cell", codes | {code[:12] for code in codes if areacode.is_valid(code[:12])})
    return [
        {
            "name": classes[str(klass)][0], "name_en": classes[str(klass)][1], "area": code, "cases": n,
            "area_name": areas[code][0], "area_name_en": areas[code][1],
            "community_name": areas[code[:12]][0], "community_name_en": areas[code[:12]][1],
        }
        for klass, code, n in groups
    ]  # fmt: skip
