"""Matters that came before one: found by the number of a receipt that the applicant shows, never by a person."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from gridmap import areacode
from gridmap.models import User
from incidents.models import Domain, Incident
from incidents.queries.visible import visible_to

MOST = 20  # of a chain


def matter_by_number(user: User, number: str, area_code: str) -> Incident | None:
    """The matter of this number in the street of an area, if the user may see it: "260301-17", or that of a receipt."""
    text = number.strip()
    last = text.rpartition("-")[2]
    if not (
        text.isascii() and last.isdigit() and len(text) <= 20 and areacode.is_valid(area_code) and len(area_code) >= 9
    ):
        return None
    matters = visible_to(user).filter(klass__domain=Domain.MATTER, street=areacode.stream_of(area_code))
    found = matters.filter(Q(number=int(last)) | Q(receipt__number=text)).select_related("klass", "receipt")
    return next((one for one in found if text in (one.label, one.receipt and one.receipt.number)), None)


def earlier_of(user: User, incident: Incident) -> list[dict[str, Any]]:
    """The matters before this one as far as the user may see them, the latest first."""
    before: list[UUID] = []
    following = incident.earlier_id
    while following and len(before) < MOST:
        before.append(following)
        following = Incident.objects.values_list("earlier", flat=True).get(pk=following)
    if not before:
        return []
    seen = visible_to(user).select_related("klass").in_bulk(before)
    return [shown(seen[pk]) for pk in before if pk in seen]


def shown(matter: Incident) -> dict[str, Any]:
    """An earlier matter in one line: what, when, and what became of it."""
    return {
        "id": matter.pk, "number": matter.label, "title": matter.klass.name, "title_en": matter.klass.name_en,
        "state": matter.state, "registered_at": matter.reported_at, "closed_at": matter.closed_at,
    }  # fmt: skip
