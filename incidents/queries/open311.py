"""Classes and cases as Open311 says them: what may be reported, and of a case what a resident may see of it.

No word that anybody typed is in them, no name, and the place to about ten metres: what a report says may name a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from gridmap import areacode, geo
from gridmap.errors import ProblemError
from gridmap.models import Area, StreamEvent, User
from gridmap.queries import area_names
from incidents.labels import STATE_LABELS
from incidents.models import Domain, Incident, IncidentClass
from incidents.open311 import MOST, code_of, key_of
from incidents.queries.catalogue import class_by_key, classes_in_force
from incidents.queries.visible import visible_to
from incidents.workflow import TERMINAL, State

PLACES = 4  # decimals of a degree, about ten metres
CONDITION = "condition"  # the attribute that says how bad it is


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which requests: those named, or those of a span that are of these classes and states."""

    ids: Sequence[UUID] | None = None
    codes: Sequence[str] = ()
    states: Sequence[str] = ()  # "open", "closed"
    since: datetime
    until: datetime
    area: str = ""
    page: int = 1
    page_size: int = MOST


def jurisdiction(code: str) -> str:
    """The area code of a jurisdiction_id; `jurisdiction_unknown` where there is no such area in force."""
    if code and not (areacode.is_valid(code) and Area.objects.filter(pk=code, valid_to__isnull=True).exists()):
        raise ProblemError("jurisdiction_unknown")
    return code


def services(language: str) -> list[dict[str, Any]]:
    """All that can be reported today."""
    return [
        {
            "service_code": code_of(klass.key), "service_name": _name(klass, language), "description": _description(klass, language),
            "metadata": bool(attributes(klass, language)), "type": "realtime",
            "keywords": ", ".join(filter(None, [klass.name, klass.name_en, klass.pinyin])), "group": klass.major,
        }
        for klass in classes_in_force().exclude(domain=Domain.MATTER)
    ]  # fmt: skip


def service(code: str) -> IncidentClass:
    """The class of a service_code; `unknown_class` where none can be reported under it."""
    klass = class_by_key(key_of(code))
    if klass.domain == Domain.MATTER:
        raise ProblemError("unknown_class")
    return klass


def attributes(klass: IncidentClass, language: str) -> list[dict[str, Any]]:
    """What a report of this class may say besides: which of its conditions it is."""
    known = klass.in_force  # type: ignore[attr-defined]  # prefetched by classes_in_force
    if len(known) < 2:
        return []
    values = [{"key": str(c.number), "name": _in(language, c.label, c.label_en)} for c in known]
    words = _in(language, "情形:有多严重", "Condition: how bad it is")
    return [
        {
            "variable": True, "code": CONDITION, "datatype": "singlevaluelist", "required": False,
            "datatype_description": None, "order": 1, "description": words, "values": values,
        }
    ]  # fmt: skip


def changeset() -> str:
    """The last day from which a class or a condition of the catalogue holds."""
    days = IncidentClass.objects.aggregate(classes=Max("valid_from"), conditions=Max("conditions__valid_from"))
    return str(max(filter(None, days.values()), default=""))


def inside(area: str, lon: float, lat: float) -> None:
    """Raise `other_jurisdiction` for a point (degrees) that does not lie in the jurisdiction that was named."""
    code = geo.locate(lon, lat)
    if code is not None and not code.startswith(area):
        raise ProblemError("other_jurisdiction")


def requests(user: User, asked: Asked, language: str) -> list[dict[str, Any]]:
    """The cases in the user's scope that are asked for, the newest first; matters are their applicants' alone."""
    rows = visible_to(user).exclude(klass__domain=Domain.MATTER).filter(area_code__startswith=asked.area)
    rows = rows.filter(pk__in=asked.ids) if asked.ids is not None else rows.filter(_wanted(asked))
    first = (asked.page - 1) * asked.page_size
    page = rows.select_related("klass", "department").order_by("-reported_at", "id")[first : first + asked.page_size]
    return _described(list(page), language)


def _wanted(asked: Asked) -> Q:
    wanted = Q(reported_at__gte=asked.since, reported_at__lte=asked.until)
    if asked.codes:
        classes = Q(pk__in=[])
        for scheme, domain, code in (key.rsplit("/", 2) for key in map(key_of, asked.codes) if key.count("/") >= 2):
            classes |= Q(klass__scheme=scheme, klass__domain=domain, klass__code=code)
        wanted &= classes
    if set(asked.states) == {"open"}:
        wanted &= ~Q(state__in=sorted(TERMINAL))
    if set(asked.states) == {"closed"}:
        wanted &= Q(state__in=sorted(TERMINAL))
    return wanted


def _described(rows: list[Incident], language: str) -> list[dict[str, Any]]:
    names = area_names(code for row in rows for code in areacode.ancestors(row.area_code))
    changed = _changed(rows)
    return [_request(row, names, changed.get(str(row.pk), row.reported_at), language) for row in rows]


def _changed(rows: Iterable[Incident]) -> dict[str, datetime]:
    """When each case last changed, by the log."""
    ids = [str(row.pk) for row in rows]
    last = StreamEvent.objects.filter(object_id__in=ids).values("object_id").annotate(at=Max("created_at"))
    return {row["object_id"]: row["at"] for row in last}


def _request(row: Incident, names: dict[str, str], changed: datetime, language: str) -> dict[str, Any]:
    closed = State(row.state) in TERMINAL
    where = [names[c] for c in reversed(areacode.ancestors(row.area_code)[areacode.STREET - 1 :]) if c in names]
    return {
        "service_request_id": str(row.pk), "status": "closed" if closed else "open",
        "status_notes": STATE_LABELS[State(row.state)][language],
        "service_name": _name(row.klass, language), "service_code": code_of(row.klass.key), "description": None,
        "agency_responsible": _in(language, row.department.name, row.department.name_en) if row.department else None,
        "service_notice": None,
        "requested_datetime": row.reported_at, "updated_datetime": (row.closed_at or changed) if closed else changed,
        "expected_datetime": None if closed else row.due_at,
        "address": ", ".join(where), "address_id": None, "zipcode": None,
        "lat": round(row.point.y, PLACES) if row.point else None, "long": round(row.point.x, PLACES) if row.point else None,
        "media_url": None,
    }  # fmt: skip


def _in(language: str, chinese: str, english: str) -> str:
    return english or chinese if language == "en" else chinese


def _name(klass: IncidentClass, language: str) -> str:
    return _in(language, klass.name, klass.name_en)


def _description(klass: IncidentClass, language: str) -> str:
    kinds = {"event": ("事件", "event"), "object": ("部件", "public facility")}
    return f"{klass.major} · {_in(language, *kinds[klass.domain])}"
