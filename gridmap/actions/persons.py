"""Writes of people by service. No value stands in the log, in the note of a write or in an answer; looks are noted before they are.

Values are sealed with a key of each person's own, which is stored locked by a master key outside of the database.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from gridmap import access, events, geo, vault
from gridmap.actions import Answer, Done, keys, once
from gridmap.actions.looks import Look, note
from gridmap.errors import ProblemError
from gridmap.models import Consent, How, LookAction, PersonKey, ServedPerson, Tombstone, User
from gridmap.queries import persons as queries
from gridmap.services import SERVICES, WITHDRAWN_DAYS, Service, digits, names_person, plain, wrong
from gridmap.vault import Keyring


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """A consent as it is recorded."""

    form: int
    how: How
    given_on: date

    def check(self, service: Service) -> None:
        """Raise what is wrong with it."""
        if self.form != service.form:
            raise ProblemError("old_form", fields={"form": "old_form"})
        if self.given_on > timezone.localdate():
            raise ProblemError("future_date", fields={"given_on": "future_date"})


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where somebody lives, in degrees (EPSG:4326), and which place of the register that is; kept sealed.

    The point is for the day on which cells are cut anew. Of whom no place is known, only the cell is.
    """

    lon: float
    lat: float
    place: UUID | None = None

    @property
    def values(self) -> dict[str, Any]:
        return {"point": [self.lon, self.lat], "place": str(self.place) if self.place else None}

    def cell(self) -> str:
        code = geo.locate(self.lon, self.lat)
        if code is None:
            raise ProblemError("point_outside", fields={"lon": "point_outside", "lat": "point_outside"})
        return code


@dataclass(frozen=True, kw_only=True)
class New:
    """What of a person is corrected; an empty value is taken out. `another`: somebody else of that name is known, and not her."""

    values: Mapping[str, Any]
    where: Where | None = None
    another: bool = False


def _taken(service: Service, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept; `invalid` with the fields that cannot be taken, whose values are not repeated."""
    if faults := wrong(service, values, timezone.localdate()):
        raise ProblemError("invalid", fields=faults)
    kept = {key: plain(value) if isinstance(value, str) else value for key, value in values.items()}
    return kept | ({"phone": digits(kept["phone"])} if kept.get("phone") else {})


def _asked(service: Service, values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A request as a repeat is known by: its values by a keyed index alone, for the note of a write stays for a year."""
    said = json.dumps(values, sort_keys=True, default=str)
    return {"service": service.key, "values": queries.ring().blind(service.key, "request", said).hex(), **more}


def register(
    actor: User, service: Service, person_id: UUID, values: Mapping[str, Any], where: Where, agreed: Agreed, *, another: bool = False
) -> Answer:  # fmt: skip
    """Register somebody who agreed, once per id that the client made.

    `person_known` (with the record) if she is served already where the user may look; `another` says that it is somebody
    else of the same name. Only who may edit people at the place registers them there.
    """
    area = where.cell()
    access.require(actor, "person.edit", area)
    kept = _taken(service, {**values, **where.values})
    agreed.check(service)
    request = _asked(service, kept, form=agreed.form, how=agreed.how, on=agreed.given_on)
    person = ServedPerson(pk=person_id, service=service.key, area_code=area, since=timezone.localdate())
    with _known_is_a_look(actor, service, kept):
        return once(actor, person_id, request, lambda: _register(actor, service, person, kept, agreed, another))


@contextmanager
def _known_is_a_look(actor: User, service: Service, values: Mapping[str, Any]) -> Iterator[None]:
    """Note that somebody was told of a person by her name and number: after the write was taken back, before the answer."""
    try:
        yield
    except ProblemError as error:
        if error.code == "person_known":
            fields = [key for key in queries.INDEXED if values.get(key)]
            person = ServedPerson.objects.filter(pk=error.detail["id"])
            note(
                actor,
                Look(service=service, action=LookAction.SEARCH, fields=fields),
                person,
                within=error.detail["area"],
            )
        raise


def _register(
    actor: User, service: Service, person: ServedPerson, values: dict[str, Any], agreed: Agreed, another: bool
) -> Done:  # fmt: skip
    ring = keys.held()
    if any(model.objects.filter(pk=person.pk).exists() for model in (ServedPerson, Tombstone)):
        raise ProblemError("id_reused")
    if not another:
        _refuse_known(actor, service, person, values, ring)
    _seal(person, values, ring, vault.new_key())
    person.save(force_insert=True)
    PersonKey.objects.create(person=person, locked=person.key.locked)
    _record_consent(person, agreed, actor)
    return _done(person, "person.registered", [key for key, value in values.items() if value and key != "point"])


def _refuse_known(
    actor: User, service: Service, person: ServedPerson, values: Mapping[str, Any], ring: Keyring
) -> None:  # fmt: skip
    """`person_known` if another one of the service in scope has these values; nobody else takes the name meanwhile."""
    _wait_for_name(ring.blind(service.key, "name", values["name"]))
    known = queries.known_as(actor, service, values, person.area_code, but=person.pk)
    if known:
        raise ProblemError("person_known", detail={"id": str(known.pk), "area": known.area_code})


def _wait_for_name(index: bytes) -> None:
    """Let nobody else take the same name with the same service before this transaction has ended."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [int.from_bytes(index[:8], signed=True)])


def _seal(person: ServedPerson, values: Mapping[str, Any], ring: Keyring, key: bytes) -> None:
    """Put values into a row: sealed as a whole, and the indexes by which they are found."""
    person.key = getattr(person, "key", None) or PersonKey(person=person, locked=ring.lock(key, str(person.pk)))
    person.sealed = vault.seal(key, json.dumps(values, ensure_ascii=False), queries.place_of(person))
    queries.set_indexes(person, values, ring)


def _done(person: ServedPerson, kind: str, fields: Collection[str] = ()) -> Done:
    return Done({"id": str(person.pk), "version": person.version}, draft_of(person, kind, fields))


def draft_of(person: ServedPerson, kind: str, fields: Collection[str] = ()) -> events.Draft:
    """The event of a change: which service, which fields, no value."""
    return events.Draft(
        kind=kind, area_code=person.area_code, object_id=str(person.pk), version=person.version,
        payload=events.PersonNow(service=person.service, fields=sorted(fields)),
    )  # fmt: skip


def _seen(actor: User, service: Service, person_id: UUID, version: int, right: str = "person.edit") -> ServedPerson:
    """The person as the user saw her, locked; `person_changed` if somebody was faster."""
    person = queries.get(actor, service, person_id, lock=True)
    access.require(actor, right, person.area_code)
    if person.version != version:
        raise ProblemError("person_changed")
    return person


def change(
    actor: User, service: Service, person_id: UUID, new: New, *, version: int, mutation_id: UUID
) -> Answer:  # fmt: skip
    """Correct the values that are given; the others stay. Who moved to another cell is looked after there.

    `person_known` (with the record) if another one in scope has that name and number already.
    """
    point = new.where.values if new.where else {}
    given = {**new.values, **point}
    request = _asked(service, given, person=person_id, version=version, another=new.another)
    with _known_is_a_look(actor, service, new.values):
        return once(actor, mutation_id, request, lambda: _change(actor, service, person_id, new, version))


def _change(actor: User, service: Service, person_id: UUID, new: New, version: int) -> Done:
    ring = keys.held()  # before her row: in the order of whoever changes the keys
    person = _seen(actor, service, person_id, version)
    if person.ended:
        raise ProblemError("person_ended")
    before = queries.opened(person, ring)
    point = new.where.values if new.where else {}
    kept = _taken(service, {"name": before["name"], **new.values, **point})
    if new.where:
        person.area_code = new.where.cell()
        access.require(actor, "person.edit", person.area_code)
    changed = {key for key, value in kept.items() if value != before.get(key)}
    if changed & set(queries.INDEXED) and not new.another:
        _refuse_known(actor, service, person, before | kept, ring)
    _seal(person, before | kept, ring, ring.unlock(person.key.locked, str(person.pk)))
    person.version += 1
    person.save()
    return _done(person, "person.changed", {"place" if key == "point" else key for key in changed})


# --- consent and end


def consent(
    actor: User, service: Service, person_id: UUID, agreed: Agreed, *, version: int, mutation_id: UUID
) -> Answer:
    """Record that she agreed, to the form in force; a service that had ended goes on."""
    agreed.check(service)
    request = {"consent": person_id, "form": agreed.form, "how": agreed.how, "on": agreed.given_on, "version": version}

    def work() -> Done:
        person = _seen(actor, service, person_id, version)
        _record_consent(person, agreed, actor)
        person.ended, person.purge_after = None, None
        return _stepped(person, "person.consented")

    return once(actor, mutation_id, request, work)


def _record_consent(person: ServedPerson, agreed: Agreed, actor: User) -> None:
    Consent.objects.create(person=person, form=agreed.form, how=agreed.how, given_on=agreed.given_on, recorded_by=actor)


def _stepped(person: ServedPerson, kind: str) -> Done:
    person.version += 1
    person.save(update_fields=["ended", "purge_after", "version", "changed_at"])
    return _done(person, kind)


def withdraw(actor: User, service: Service, person_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """Record that she withdrew her consent: the service ends today, and all is deleted a week later."""

    def work() -> Done:
        person, today = _seen(actor, service, person_id, version), timezone.localdate()
        if not person.consents.filter(withdrawn_on=None).update(withdrawn_on=today):
            raise ProblemError("no_consent")
        person.ended = person.ended or today
        person.purge_after = today + timedelta(days=WITHDRAWN_DAYS)
        return _stepped(person, "person.withdrew")

    return once(actor, mutation_id, {"withdraw": person_id, "version": version}, work)


def end(actor: User, service: Service, person_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """End a service: the record is kept as long as its form said, then deleted."""

    def work() -> Done:
        person, today = _seen(actor, service, person_id, version), timezone.localdate()
        if person.ended:
            raise ProblemError("person_ended")
        person.ended, person.purge_after = today, today + timedelta(days=service.keep_days)
        return _stepped(person, "person.ended")

    return once(actor, mutation_id, {"end": person_id, "version": version}, work)


# --- looks


def look_list(actor: User, service: Service, *, area: str, ended: bool, after: UUID | None) -> dict[str, Any]:
    """A page of a service's people, masked; noted as a look at each of their cells."""
    page = queries.listed(actor, service, area=area, ended=ended, after=after)
    note(actor, Look(service=service, action=LookAction.LIST), page.people, within=area)
    return {"people": queries.masked(page.people), "more": page.more}


def look_at(actor: User, service: Service, person_id: UUID) -> dict[str, Any]:
    """One person of a service, masked; noted as a look."""
    people = [queries.get(actor, service, person_id)]
    note(actor, Look(service=service, action=LookAction.LIST), people)
    return queries.masked(people)[0]


def search(actor: User, service: Service, *, name: str, phone: str) -> dict[str, Any]:
    """Those with exactly this name and number, masked; noted as a look. What was searched for stands nowhere."""
    found = queries.found_by(actor, service, name=name, phone=phone)
    fields = [key for key, value in (("name", name), ("phone", phone)) if value]
    note(actor, Look(service=service, action=LookAction.SEARCH, fields=fields), found)
    return {"people": queries.masked(found), "more": len(found) >= queries.PAGE}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What somebody looks for, in her own words; they stay in the log, so they name nobody."""

    purpose: str
    words: str


def reveal(actor: User, service: Service, person_id: UUID, reason: Reason, fields: Sequence[str]) -> dict[str, Any]:
    """Values of one person unmasked, for a stated purpose; the look is stored before they leave."""
    person = queries.get(actor, service, person_id)
    access.require(actor, "person.reveal", person.area_code)
    if not all(service.takes(key) for key in fields):
        raise ProblemError("not_taken", fields={"fields": "not_taken"})
    values = _looked(actor, service, person, reason, LookAction.REVEAL, fields)
    return queries.readable({key: values.get(key) for key in fields})


def export(actor: User, service: Service, person_id: UUID, reason: Reason) -> dict[str, Any]:
    """Everything that is kept of one person, for herself: values, consents, and when she was looked at."""
    person = queries.get(actor, service, person_id)
    access.require(actor, "person.export", person.area_code)
    fields = [field.key for field in service.fields]
    values = _looked(actor, service, person, reason, LookAction.EXPORT, fields)
    return {"person": person, "values": queries.readable(values), "consents": list(person.consents.all())}


def _looked(
    actor: User, service: Service, person: ServedPerson, reason: Reason, action: LookAction, fields: Sequence[str]
) -> dict[str, Any]:  # fmt: skip
    """All values, after the look was noted. Words that name her are refused, and noted as a look that showed nothing:
    who tries names and numbers on a mask learns from the refusal."""
    values = queries.opened(person, queries.ring())
    if names_person(reason.words, values):
        note(actor, Look(service=service, action=action, purpose=reason.purpose), [person])
        raise ProblemError("words_name_person", fields={"words": "words_name_person"})
    look = Look(service=service, action=action, fields=fields, purpose=reason.purpose, words=reason.words)
    note(actor, look, [person])
    return values


def services() -> list[Service]:
    """All services, in their order."""
    queries.require_on()
    return list(SERVICES.values())
