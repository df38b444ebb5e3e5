"""Cases that belong together: merged, under one another, recurring, and the reports that joined them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from gridmap.models import User
from incidents.events import Card
from incidents.models import Attachment, Incident, JoinedReport, Remark
from incidents.queries.visible import cards, visible_to

Family = list[UUID]


def family(incident: Incident) -> Family:
    """The case and all that were merged into it, also by way of others; its own id first."""
    found, edge = [incident.pk], [incident.pk]
    while edge:
        edge = list(Incident.objects.filter(merged_into__in=edge).order_by("number").values_list("pk", flat=True))
        found += edge
    return found


def above(incident_id: UUID) -> Family:
    """The cases into which this one was merged, nearest first; the last is the one that is worked on."""
    found: Family = []
    target = incident_id
    while following := Incident.objects.filter(pk=target).values_list("merged_into", flat=True).first():
        found.append(target := following)
    return found


def lock_together(ids: Iterable[UUID]) -> None:
    """Lock the rows of several cases in one order, so that two such changes never wait for each other in a ring."""
    list(Incident.objects.select_for_update().filter(pk__in=set(ids)).order_by("pk").values_list("pk"))


def concerned(members: Family) -> list[int]:
    """Who reported any of these cases or joined one of them."""
    reporters = Incident.objects.filter(pk__in=members, reporter__isnull=False).values_list("reporter", flat=True)
    joined = JoinedReport.objects.filter(incident__in=members).values_list("user", flat=True)
    return sorted({*reporters, *joined})


def photos_of(members: Family) -> QuerySet[Attachment]:
    """The photos of a case and of those merged into it."""
    return Attachment.objects.filter(incident__in=members)


def may_see_photo(user: User, photo: Attachment) -> bool:
    """A photo is seen with its case, or with the one that its case was merged into."""
    return visible_to(user).filter(pk__in=[photo.incident_id, *above(photo.incident_id)]).exists()


def reports_of(incident: Incident, members: Family) -> list[dict[str, Any]]:
    """Every further report of the same thing, oldest first: those that joined, and the cases merged into this one."""
    joined = list(JoinedReport.objects.filter(incident__in=members).select_related("user").prefetch_related("photos"))
    remarks = Remark.objects.filter(incident__in=members).values_list("incident", "version", "text") if joined else ()
    said = {(case, version): text for case, version, text in remarks}
    found = [
        {
            "id": j.pk, "at": j.occurred_at, "reporter_name": j.user.name, "text": said.get((j.incident_id, j.version), ""),
            "lon": j.point.x, "lat": j.point.y, "case": None, "photos": [photo.pk for photo in j.photos.all()],
            "splits": j.incident_id == incident.pk,
        }
        for j in joined
    ]  # fmt: skip
    found += [
        {
            "id": m.pk, "at": m.occurred_at, "reporter_name": m.reporter.name if m.reporter else None, "text": m.description,
            "lon": m.point.x if m.point else None, "lat": m.point.y if m.point else None, "case": m.label,
            "photos": [a.pk for a in m.attachments.all() if a.joined_id is None], "splits": False,
        }
        for m in Incident.objects.filter(pk__in=members[1:]).select_related("reporter").prefetch_related("attachments")
    ]  # fmt: skip
    return sorted(found, key=lambda one: one["at"])


def relations(user: User, incident: Incident) -> dict[str, list[Card]]:
    """The cases tied to this one that the user may see, as cards, by how they are tied."""
    ties: dict[str, Q] = {
        "merged_into": Q(pk=incident.merged_into_id), "merged": Q(merged_into=incident),
        "parent": Q(pk=incident.parent_id), "children": Q(parent=incident),
        "recurrence_of": Q(pk=incident.recurrence_of_id), "recurrences": Q(recurrence_of=incident),
    }  # fmt: skip
    wanted = Q(pk__in=[])
    for tie in ties.values():
        wanted |= tie
    rows = list(visible_to(user).filter(wanted).select_related("klass", "department").order_by("-reported_at")[:100])
    by_id = {row.pk: card for row, card in zip(rows, cards(rows), strict=True)}
    forth = {
        "merged_into": incident.merged_into_id,
        "parent": incident.parent_id,
        "recurrence_of": incident.recurrence_of_id,
    }
    back = {"merged": "merged_into_id", "children": "parent_id", "recurrences": "recurrence_of_id"}
    found = {name: [by_id[pk]] if pk in by_id else [] for name, pk in forth.items()}
    return found | {
        name: [by_id[row.pk] for row in rows if getattr(row, column) == incident.pk] for name, column in back.items()
    }
