"""Registering a matter from home, without an account: the same matter as at the counter, with a receipt and nobody's name."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap import actions, areacode
from gridmap.actions import Answer
from gridmap.errors import ProblemError
from gridmap.models import Area
from incidents import queries
from incidents.actions import limits
from incidents.actions.handing import hand_out, shown
from incidents.actions.stages import open_matter
from incidents.models import Incident, Origin, Receipt
from incidents.workflow import State


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What somebody asks for. `id` and `key` are random and made by her phone; `area` is a community or a cell of it."""

    id: UUID
    key: UUID
    kind: str
    area: str
    text: str


def apply_online(applied: Applied, address: str) -> Answer:
    """Register a matter of a kind that has a guide; answers number and password of the receipt. A repeat gets the same ones.

    Raises no_guide, unknown_area, too_many, id_reused.
    """
    digest = actions.digest_of(asdict(applied))
    known = _repeated(applied, digest)
    if known:
        return known
    limits.take("booking.address", address)
    limits.take("booking.area", applied.area[:12])
    incident = _new_matter(applied)
    try:
        with transaction.atomic():
            incident.receipt = hand_out(applied.id, applied.key, incident.reported_at, digest)
            open_matter(None, incident, digest)
    except IntegrityError:  # the same application at the same moment
        known = _repeated(applied, digest)
        if known is None:
            raise ProblemError("id_reused") from None
        return known
    return Answer(shown(incident.receipt, applied.key), replayed=False)


def _repeated(applied: Applied, digest: str) -> Answer | None:
    taken = Incident.objects.filter(pk=applied.id).exists()  # first: both may come between two looks
    first = Receipt.objects.filter(pk=applied.id).first()
    if first and first.digest == digest:
        return Answer(shown(first, applied.key), replayed=True)
    if first or taken:
        raise ProblemError("id_reused")
    return None


def _new_matter(applied: Applied) -> Incident:
    if not Area.objects.filter(pk=applied.area, valid_to__isnull=True).exists():
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    klass, version = queries.guided(applied.kind, applied.area)
    now = timezone.now()
    return Incident(
        id=applied.id, street=areacode.stream_of(applied.area), number=0, area_code=applied.area, klass=klass,
        description=applied.text, source=Origin.ONLINE, state=State.PROCESSING, urgent=False, occurred_at=now, reported_at=now,
        procedure=version,
    )  # fmt: skip
