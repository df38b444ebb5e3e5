"""What a desk keeps beside the cases: saved filters, standard texts for a case, who else has it open."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from gridmap import areacode
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, User
from incidents import texts
from incidents.models import Incident, IncidentClass, Presence, SavedFilter, StandardText
from incidents.workflow import State

LOOKS = timedelta(seconds=45)  # how long after her page last said so a person counts as looking


def filters_of(user: User) -> QuerySet[SavedFilter]:
    """The user's own saved filters, in her order."""
    return SavedFilter.objects.filter(user=user)


def own_filter(user: User, filter_id: UUID) -> SavedFilter:
    """One of the user's own; `not_found` otherwise."""
    found = filters_of(user).filter(pk=filter_id).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def described(rows: list[SavedFilter]) -> list[dict[str, Any]]:
    """Saved filters as the API gives them: each with the fields whose value means nothing any more."""
    known = _known([row.filter for row in rows])
    return [
        {"id": row.pk, "name": row.name, "filter": row.filter, "unknown": _unknown(row.filter, known)} for row in rows
    ]


def _known(filters: list[Mapping[str, Any]]) -> dict[str, set[Any]]:
    """What the values of these filters may be: states, and of the others those that are there."""
    classes = IncidentClass.objects.values_list("scheme", "domain", "code")
    named = {name: {f[name] for f in filters if f.get(name)} for name in ("department", "area", "class_key")}
    return {
        "state": set(State),
        "class_key": {"/".join(key) for key in classes} if named["class_key"] else set(),
        "department": set(Department.objects.filter(pk__in=named["department"]).values_list("pk", flat=True)),
        "area": set(Area.objects.filter(pk__in=named["area"], valid_to__isnull=True).values_list("pk", flat=True)),
    }


def _unknown(saved: Mapping[str, Any], known: Mapping[str, set[Any]]) -> list[str]:
    return [
        name
        for name, values in known.items()
        if (value := saved.get(name)) and not set(value if isinstance(value, list) else [value]) <= values
    ]


def texts_for(user: User, incident: Incident, action: str, department: int | None) -> list[dict[str, Any]]:
    """The standard texts for an action on a case, filled with what it says now; those made for it most closely come first.

    `department` is the one about to be chosen. An area's texts serve all that lies below it.
    """
    here = Q(area_code__in=areacode.ancestors(incident.area_code))
    fits = Q(klass=None) | Q(klass=incident.klass_id)
    rows = StandardText.objects.filter(here & fits, state__in=("", incident.state), action__in=("", action))
    values = places_of(incident, department)
    closest = sorted(rows, key=lambda row: -(2 * bool(row.klass_id) + bool(row.state) + bool(row.action)))
    return [{"id": row.pk, "title": row.title, "text": texts.fill(row.body, values)} for row in closest]


def places_of(incident: Incident, department: int | None) -> dict[str, str]:
    """What fills the places of a text."""
    chosen = Department.objects.filter(pk=department).first() if department else incident.department
    due = timezone.localtime(incident.due_at) if incident.due_at else None
    values = (
        incident.label,
        incident.klass.name,
        incident.address,
        chosen.name if chosen else "",
        f"{due.month}月{due.day}日 {due:%H:%M}" if due else "",
    )
    return dict(zip(texts.PLACES, values, strict=True))


def others_looking(user: User, incident: Incident) -> list[str]:
    """The names of the others at a desk who have this case open now."""
    since = timezone.now() - LOOKS
    rows = Presence.objects.filter(incident=incident, seen_at__gt=since).exclude(user=user)
    return list(rows.order_by("user__name", "user_id").values_list("user__name", flat=True))
