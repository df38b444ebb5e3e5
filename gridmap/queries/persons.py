"""Reads of people by service: inside one service and the user's scope only, found by blind indexes, shown masked."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from gridmap import access, keyfile, vault
from gridmap.errors import ProblemError
from gridmap.models import Consent, PersonKey, Place, ServedPerson, User
from gridmap.queries import area_names
from gridmap.services import SERVICES, Service, digits
from gridmap.vault import Keyring, VaultError

log = logging.getLogger(__name__)
PAGE = 50
INDEXED = ("name", "phone")


def require_on() -> None:
    """`person_data_off` unless the operator turned person data on."""
    if not settings.PERSON_DATA:
        raise ProblemError("person_data_off")


def service_of(key: str) -> Service:
    """The service of this name; `not_found` if there is none, `person_data_off` while it is off."""
    require_on()
    found = SERVICES.get(key)
    if found is None:
        raise ProblemError("not_found")
    return found


def ring() -> Keyring:
    """The master keys; `keys_missing` if they cannot be read, and the log says why."""
    try:
        return keyfile.read(settings.KEYS_FILE)
    except (OSError, VaultError) as error:
        log.error("the keys of person data cannot be read: %s", error)
        raise ProblemError("keys_missing") from None


def place_of(person: ServedPerson) -> str:
    """What the values of a person are authenticated with: they open in this record alone."""
    return f"{person.service}|{person.pk}|values"


def opened(person: ServedPerson, keys: Keyring) -> dict[str, Any]:
    """All values of a person; `person_closed` if her key is gone or something was changed."""
    try:
        key = keys.unlock(person.key.locked, str(person.pk))
        values: dict[str, Any] = json.loads(vault.unseal(key, person.sealed, place_of(person)))
    except (PersonKey.DoesNotExist, VaultError) as error:
        log.error("person %s cannot be opened: %s", person.pk, error)
        raise ProblemError("person_closed") from None
    return values


def set_indexes(person: ServedPerson, values: Mapping[str, Any], keys: Keyring) -> None:
    """Give a row, in memory, the indexes by which these values are found."""
    for field in INDEXED:
        value = values.get(field)
        setattr(person, f"{field}_index", keys.blind(person.service, field, value) if value else None)


def readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as people read them: of a place of the register its address."""
    place = values.get("place")
    titles = Place.objects.filter(pk=place).values_list("title", flat=True) if place else []
    return {**values, **({"place": next(iter(titles), None)} if "place" in values else {})}


def point_of(user: User, place_id: UUID) -> tuple[float, float]:
    """Where a place of the register lies that the user may see: a dwelling has the point of its house; `not_found` without one."""
    place = Place.objects.filter(access.scope_of(user, "register.view").q(), pk=place_id, ended_at=None).first()
    while place and place.point is None:
        place = place.parent
    if place is None or place.point is None:
        raise ProblemError("not_found", fields={"place": "not_found"})
    return place.point.x, place.point.y


def visible_to(user: User, service: Service, action: str = "person.view") -> QuerySet[ServedPerson]:
    """The people of one service in the areas where the user may do `action`."""
    return ServedPerson.objects.filter(access.scope_of(user, action).q(), service=service.key)


def get(user: User, service: Service, person_id: UUID, *, lock: bool = False) -> ServedPerson:
    """One person of a service whom the user may see; `not_found` otherwise."""
    rows = visible_to(user, service).filter(pk=person_id)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise ProblemError("not_found")
    return found


@dataclass(frozen=True)
class Page:
    """Some people, and whether there are more after them."""

    people: list[ServedPerson]
    more: bool


def listed(user: User, service: Service, *, area: str, ended: bool, after: UUID | None) -> Page:
    """The people of a service below an area, in the order of their ids, a page at a time."""
    rows = visible_to(user, service).filter(area_code__startswith=area, ended__isnull=not ended)
    rows = rows.filter(pk__gt=after) if after else rows
    found = list(rows.select_related("key").prefetch_related("consents").order_by("pk")[: PAGE + 1])
    return Page(found[:PAGE], len(found) > PAGE)


def found_by(user: User, service: Service, *, name: str, phone: str) -> list[ServedPerson]:
    """Those of a service in scope who have exactly this name and number (of the two, those that are given)."""
    keys, wanted = ring(), Q()
    for field, value in (("name", name), ("phone", digits(phone))):
        if value:
            wanted &= Q(**{f"{field}_index": keys.blind(service.key, field, value)})
    rows = visible_to(user, service).filter(wanted) if wanted else ServedPerson.objects.none()
    return list(rows.select_related("key").prefetch_related("consents").order_by("pk")[:PAGE])


def known_as(
    user: User, service: Service, values: Mapping[str, Any], area: str, *, but: UUID | None = None
) -> ServedPerson | None:
    """Somebody in scope, `but` one, who is served already under this name: with the same number, or in the same cell if one is missing.

    Who is registered where the user may not look is not told.
    """
    keys = ring()
    phone = values.get("phone")
    near = Q(area_code=area) & (Q(phone_index__isnull=True) if phone else Q())
    same = near | Q(phone_index=keys.blind(service.key, "phone", phone)) if phone else near
    rows = visible_to(user, service).filter(
        same, name_index=keys.blind(service.key, "name", values["name"]), ended=None
    )
    return (rows.exclude(pk=but) if but else rows).order_by("pk").first()


def consent_of(person: ServedPerson) -> Consent | None:
    """The consent that was given last."""
    return next(iter(person.consents.all()), None)


def masked(people: Iterable[ServedPerson]) -> list[dict[str, Any]]:
    """People as lists show them: 张*, 138****1234. One whose values cannot be opened says so and hides no other."""
    rows = list(people)
    keys, names = ring(), area_names(person.area_code for person in rows)
    return [_masked(person, keys, names) for person in rows]


def _masked(person: ServedPerson, keys: Keyring, names: dict[str, str]) -> dict[str, Any]:
    try:
        values = opened(person, keys)
    except ProblemError:
        values = {}
    consent = consent_of(person)
    return {
        "id": person.pk, "service": person.service, "area": person.area_code, "area_name": names.get(person.area_code, person.area_code),
        "name": vault.masked_name(values.get("name") or ""), "phone": vault.masked_phone(values.get("phone") or ""),
        "closed": not values, "since": person.since, "ended": person.ended, "purge_after": person.purge_after,
        "version": person.version, "consent": consent and consent_shown(consent),
    }  # fmt: skip


def consent_shown(consent: Consent) -> dict[str, Any]:
    return {
        "form": consent.form, "how": consent.how, "given_on": consent.given_on, "withdrawn_on": consent.withdrawn_on,
    }  # fmt: skip
