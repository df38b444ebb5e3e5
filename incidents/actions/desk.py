"""Writes of a desk: saved filters, who has a case open. Neither is history of a case, so neither stands in the log."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from gridmap import actions
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import User
from incidents import queries
from incidents.models import Presence, SavedFilter

MOST_FILTERS = 30


def save_filter(actor: User, filter_id: UUID, *, name: str, filter: dict[str, Any]) -> Answer:
    """Keep a filter under a name of her own; a repeat gets the first answer. Raises name_taken, too_many_filters."""
    request = {"name": name, "filter": filter}
    return actions.once(actor, filter_id, request, lambda: _save(actor, filter_id, name, filter))


def _save(actor: User, filter_id: UUID, name: str, filter: dict[str, Any]) -> Done:
    User.objects.select_for_update().get(pk=actor.pk)  # two tabs at once count one after the other
    own = queries.filters_of(actor)
    if own.count() >= MOST_FILTERS:
        raise ProblemError("too_many_filters", most=MOST_FILTERS)
    last = own.aggregate(last=Max("position"))["last"]
    made = SavedFilter(id=filter_id, user=actor, name=name, filter=filter, position=0 if last is None else last + 1)
    _store(made, fresh=True)
    described = queries.described([made])[0]
    return Done(described | {"id": str(filter_id)})


def change_filter(actor: User, filter_id: UUID, *, name: str | None, filter: dict[str, Any] | None) -> SavedFilter:
    """Give it another name, or other contents. Raises not_found, name_taken."""
    row = queries.own_filter(actor, filter_id)
    row.name = row.name if name is None else name
    row.filter = row.filter if filter is None else filter
    _store(row, fresh=False)
    return row


def _store(row: SavedFilter, *, fresh: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=fresh)
    except IntegrityError:
        raise ProblemError("name_taken", fields={"name": "name_taken"}) from None


def delete_filter(actor: User, filter_id: UUID) -> None:
    """Forget it. Raises not_found, too, when it is gone already."""
    queries.own_filter(actor, filter_id).delete()


@transaction.atomic
def order_filters(actor: User, ids: list[UUID]) -> None:
    """Put her filters into this order; those not named follow in the order they had."""
    rows = {row.pk: row for row in queries.filters_of(actor).select_for_update()}
    wanted = [rows.pop(one) for one in dict.fromkeys(ids) if one in rows]
    for position, row in enumerate([*wanted, *rows.values()]):
        row.position = position
    SavedFilter.objects.bulk_update([*wanted, *rows.values()], ["position"])


def look(actor: User, incident_id: UUID) -> list[str]:
    """Say that the actor has this case open; answers who else has. Raises not_found, forbidden away from a desk."""
    incident = queries.get(actor, incident_id)
    if not queries.roles_at(actor, "incident.presence", incident):
        raise ProblemError("forbidden")
    Presence.objects.bulk_create(
        [Presence(incident=incident, user=actor, seen_at=timezone.now())],
        update_conflicts=True, unique_fields=["incident", "user"], update_fields=["seen_at"],
    )  # fmt: skip
    return queries.others_looking(actor, incident)


def look_away(actor: User, incident_id: UUID) -> None:
    """Forget at once that the actor had this case open. Raises not_found."""
    Presence.objects.filter(incident=queries.get(actor, incident_id), user=actor).delete()


def forget_presence() -> int:
    """Remove who no longer looks; returns how many. Nothing of it is kept."""
    return Presence.objects.filter(seen_at__lte=timezone.now() - queries.LOOKS).delete()[0]
