"""The master keys of person data: in use, changed for new ones, forgotten.

Whoever locks a person's key holds the file of the master keys until the commit (`held`), and whoever changes the file waits for
all of them and lets none begin (`alone`). So no master key is forgotten of which something is about to be stored, and two who add
one at the same moment add two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from gridmap import keyfile
from gridmap.errors import ProblemError
from gridmap.models import PersonKey, ServedPerson
from gridmap.queries import persons as queries
from gridmap.vault import Keyring, VaultError

AT_ONCE = 500
KEYS_LOCK = 0x6D61737465726B79  # any number that nobody else uses


def held() -> Keyring:
    """The master keys, none of which is forgotten before this transaction ends.

    Call it before any other lock of the transaction: whoever changes the keys would wait in a ring otherwise.
    """
    _lock("pg_advisory_xact_lock_shared")
    return queries.ring()


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody else locks a key or changes the file."""
    with transaction.atomic():
        _lock("pg_advisory_xact_lock")
        yield


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s)", [KEYS_LOCK])


def add() -> str:
    """A new master key that locks from now on. Its name."""
    with alone():
        return keyfile.add(settings.KEYS_FILE)


def drop() -> list[str]:
    """Forget the master keys that lock nothing; their names. Nothing is written into the database: no rollback can bring one back."""
    with alone():
        return keyfile.drop(settings.KEYS_FILE, used())


def used() -> set[str]:
    """The names of the master keys that lock something now."""
    rows = PersonKey.objects.values_list("locked", flat=True).iterator(chunk_size=5000)
    return {locked.partition(":")[0] for locked in rows}


@dataclass(frozen=True)
class Walk:
    """Some persons gone through in the order of their ids: how many, the last one, and why which ones could not be opened."""

    done: int = 0
    last: UUID | None = None
    closed: dict[UUID, str] = field(default_factory=dict)


@transaction.atomic
def relock(after: UUID | None = None, batch: int = AT_ONCE) -> Walk:
    """Lock the keys of some more persons with the newest master key, in one transaction; `last` is None when all were gone through.

    Killed at any moment nothing is lost: a key is locked by the old one or by the new one, and both are in the file.
    """
    ring = held()
    rows = PersonKey.objects.exclude(locked__startswith=f"{ring.newest}:").select_for_update()
    found = list((rows.filter(pk__gt=after) if after else rows).order_by("pk")[:batch])
    closed = {row.pk: why for row in found if (why := _relocked(row, ring))}
    good = [row for row in found if row.pk not in closed]
    PersonKey.objects.bulk_update(good, ["locked"])
    return Walk(len(good), found[-1].pk if found else None, closed)


def _relocked(row: PersonKey, ring: Keyring) -> str:
    """Lock one key anew, in memory; why it cannot be, empty if it could."""
    try:
        row.locked = ring.relock(row.locked, str(row.pk))
    except VaultError as error:
        return str(error)
    return ""


@transaction.atomic
def reindex(after: UUID | None = None, batch: int = AT_ONCE) -> Walk:
    """Reckon the indexes of some more persons anew, by the rules of today; who is the same as before stays untouched."""
    ring = held()
    rows = ServedPerson.objects.select_related("key").select_for_update(of=("self",))
    found = list((rows.filter(pk__gt=after) if after else rows).order_by("pk")[:batch])
    closed: dict[UUID, str] = {}
    changed: list[ServedPerson] = []
    for person in found:
        try:
            changed += [person] if _reindexed(person, ring) else []
        except ProblemError as error:
            closed[person.pk] = error.code
    ServedPerson.objects.bulk_update(changed, ["name_index", "phone_index"])
    return Walk(len(changed), found[-1].pk if found else None, closed)


def _reindexed(person: ServedPerson, ring: Keyring) -> bool:
    """Set the indexes of a person, in memory; whether they are others than before."""
    before = [index and bytes(index) for index in (person.name_index, person.phone_index)]
    queries.set_indexes(person, queries.opened(person, ring), ring)
    return before != [person.name_index, person.phone_index]
