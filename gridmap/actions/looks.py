"""Writing the access log: each look is an entry of its street's chain, stored before anybody is shown anything."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gridmap import access, areacode, chain, events
from gridmap.models import AccessLook, Area, LookAction, LookHead, ServedPerson, User
from gridmap.queries.looks import SEALED, entry_of, old, unsealed
from gridmap.queries.persons import ring
from gridmap.services import Service

PURGE_EVERY = timedelta(days=30)  # so much older than it has to be may an entry get, before one more says that it went


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is done with people of a service: which values are shown, what for, in whose words."""

    service: Service
    action: LookAction
    fields: Sequence[str] = ()
    purpose: str = ""
    words: str = ""


def note(actor: User, look: Look, people: Iterable[ServedPerson], *, within: str = "") -> None:
    """Store a look as one entry per cell, so that each cell's people are accounted for; call it before the answer is made.

    Nobody found is a look as well: it stands under the area that was asked for if the user sees people there, else where she serves.
    """
    by_cell = defaultdict(list)
    for person in people:
        by_cell[person.area_code].append(person.pk)
    if not by_cell:
        by_cell[_where(actor, within)] = []
    entries = [
        AccessLook(
            stream=areacode.stream_of(area), user=actor, action=look.action, service=look.service.key, persons=found,
            fields=list(look.fields), purpose=look.purpose, words=look.words, area_code=area, count=len(found),
        )
        for area, found in sorted(by_cell.items())
    ]  # fmt: skip
    with transaction.atomic():
        for stream in sorted({entry.stream for entry in entries}):  # in one order, so that two never wait in a ring
            _append(stream, [entry for entry in entries if entry.stream == stream])


def _where(actor: User, within: str) -> str:
    """An area that exists, in which the user sees people: nobody writes into the chain of another street or makes one up."""
    scope = access.scope_of(actor, "person.view")
    if scope.covers(within) and Area.objects.filter(pk=within).exists():
        return within
    prefixes = [clause.prefix for clause in scope.clauses]
    return areacode.shared(prefixes) or prefixes[0]


def _append(stream: str, entries: list[AccessLook]) -> None:
    """Put entries at the end of a chain: its head is locked until the commit."""
    key = chain.key_of(ring())
    head, _ = LookHead.objects.select_for_update().get_or_create(stream=stream, defaults={"hash": chain.START})
    for entry in entries:
        head.seq += 1
        entry.seq, entry.at, entry.prev = head.seq, timezone.now(), head.hash
        entry.hash = head.hash = chain.linked(key, head.hash, entry_of(entry))
    AccessLook.objects.bulk_create(entries)
    head.save(update_fields=["seq", "hash"])


@transaction.atomic
def seal_ends() -> int:
    """Tell the log of events where each chain ends that has grown, every hour at most; how many were told.

    So an end that is cut off, or a chain that is taken away, is missed by a log that is numbered without gaps and kept
    apart. Safe to run twice and at once.
    """
    drafts = [
        events.Draft(kind=SEALED, area_code=stream, object_id=stream, payload=events.EndOfLooks(seq=seq, hash=end))
        for stream, seq, end in unsealed()
    ]
    events.record_all(drafts, None)
    return len(drafts)


def purge_looks(now: datetime | None = None) -> int:
    """Delete looks that were kept long enough (`LOOKS_DAYS`), about once a month in each chain; how many.

    An entry says up to where, so each chain can be reckoned from the first look that is kept. Safe to run twice and at once.
    """
    if not settings.PERSON_DATA:  # nor are there keys for the entry
        return 0
    day = (now or timezone.now()) - timedelta(days=settings.LOOKS_DAYS)
    return sum(_purge(stream, day) for stream in old(day - PURGE_EVERY))


@transaction.atomic
def _purge(stream: str, day: datetime) -> int:
    LookHead.objects.select_for_update().get(pk=stream)  # nobody adds, nobody else purges
    rows = AccessLook.objects.filter(stream=stream).order_by("seq")
    kept = rows.filter(at__gte=day).values_list("seq", flat=True).first()
    last = (rows.filter(seq__lt=kept) if kept else rows).last()
    if last is None:
        return 0
    gone = rows.filter(seq__lte=last.seq)
    entry = AccessLook(
        stream=stream, action=LookAction.PURGE, service="", persons=[], fields=[], words=chain.kept_after(last.seq, last.hash),
        area_code=stream, count=gone.count(),
    )  # fmt: skip
    _append(stream, [entry])
    gone.delete()
    return entry.count
