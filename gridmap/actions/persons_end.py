"""What ends with a person: her record and its key are destroyed, a tombstone stays."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from gridmap import access, events
from gridmap.actions import Answer, Done, once
from gridmap.actions.looks import Look, note
from gridmap.actions.persons import draft_of
from gridmap.errors import ProblemError
from gridmap.models import LookAction, ServedPerson, Tombstone, User, Why
from gridmap.queries import persons as queries
from gridmap.services import Service

AT_ONCE = 500


def destroy(
    actor: User, service: Service, person_id: UUID, why: Why, *, version: int, mutation_id: UUID
) -> Answer:  # fmt: skip
    """Delete somebody at once: values, consents and key are gone, a tombstone says that she was there and why not any more."""

    def work() -> Done:
        person = queries.get(actor, service, person_id, lock=True)
        access.require(actor, "person.delete", person.area_code)
        if person.version != version:
            raise ProblemError("person_changed")
        note(actor, Look(service=service, action=LookAction.DELETE, purpose=why), [person])
        draft = draft_of(person, "person.deleted")
        _bury(person, why, actor)
        return Done({"id": str(person_id), "version": version}, draft)

    return once(actor, mutation_id, {"delete": person_id, "why": why, "version": version}, work)


def _bury(person: ServedPerson, why: Why, actor: User | None) -> None:
    Tombstone.objects.create(id=person.pk, service=person.service, area_code=person.area_code, why=why, user=actor)
    person.delete()


def purge(today: date | None = None) -> int:
    """Delete those whose time is over, each in a transaction of its own; how many. Safe to run twice and at once."""
    day = today or timezone.localdate()
    due = ServedPerson.objects.filter(purge_after__lt=day).order_by("purge_after").values_list("pk", flat=True)
    return sum(_purge(pk, day) for pk in list(due[:AT_ONCE]))


@transaction.atomic
def _purge(person_id: UUID, day: date) -> bool:
    rows = ServedPerson.objects.select_for_update(skip_locked=True)
    person = rows.filter(pk=person_id, purge_after__lt=day).first()
    if person is None:  # another clock was faster, or she agreed anew
        return False
    draft = draft_of(person, "person.deleted")
    withdrew = person.consents.exists() and not person.consents.filter(withdrawn_on=None).exists()
    _bury(person, Why.WITHDRAWN if withdrew else Why.RETENTION, None)
    events.record(draft, None)
    return True
