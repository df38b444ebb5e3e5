"""What residents write without an account: a report, by her receipt a photo, an answer and a rating. No name is asked for."""

from dataclasses import asdict, dataclass
from functools import cache
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap import actions, areacode, events, geo
from gridmap.actions import Answer
from gridmap.errors import ProblemError
from gridmap.models import Area
from gridmap.queries import area_names
from incidents import queries, receipts
from incidents.actions import followup, limits
from incidents.actions.clocks import Cause
from incidents.actions.door import change
from incidents.actions.drafts import draft_of
from incidents.actions.photos import clean, stored
from incidents.actions.report import insert
from incidents.models import Attachment, Domain, Incident, Origin, Question, Rating, Receipt, Solved, Wish
from incidents.workflow import TERMINAL, Action, Level, State

MOST_PHOTOS = 6  # of residents, in one case
TRIES = 5  # a number that exists already is drawn again

RECEIPT = """
        receipt as (insert into incidents_receipt (id, number, password, digest, created_at)
            select %(receipt)s, %(receipt_number)s, %(password)s, %(digest)s, %(reported_at)s from head),"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a resident saw. `id` and `key` are random and made by her phone; without a place it is the middle of the cell."""

    id: UUID
    key: UUID
    class_key: str
    text: str
    lon: float | None
    lat: float | None


def report_by_resident(code: str, seen: Seen, address: str) -> Answer:
    """Open a case from the page of a cell; answers number and password of the receipt. A repeat gets the same ones.

    Raises no_cell, cell_ended, too_many, unknown_class, point_outside, far_from_cell, id_reused.
    """
    digest = actions.digest_of({"cell": code, **asdict(seen)})
    known = _repeated(seen, digest)
    if known:
        return known
    cell = queries.cell_in_force(code)
    limits.take("report.address", address)
    limits.take("report.cell", cell.code)
    incident = _new_case(cell, seen)
    names = area_names([incident.area_code])
    card = queries.card(incident, names.get(incident.area_code, incident.area_code))
    password = receipts.password_of(settings.SECRET_KEY, seen.id, seen.key)
    more = {"password": make_password(password), "digest": digest}
    for _ in range(TRIES):
        number = receipts.new_number(timezone.localdate())
        try:
            with transaction.atomic():
                insert(None, incident, card, "incident.reported", RECEIPT, more | {"receipt_number": number})
            return Answer(_receipt(number, password), replayed=False)
        except IntegrityError:
            known = _repeated(seen, digest)
            if known:
                return known
    raise ProblemError("unavailable")


def _repeated(seen: Seen, digest: str) -> Answer | None:
    """The answer of a report that was taken before; `id_reused` if its id stands for something else."""
    taken = Incident.objects.filter(pk=seen.id).exists()  # first: both may come between two looks
    first = Receipt.objects.filter(pk=seen.id).first()
    if first and first.digest == digest:
        password = receipts.password_of(settings.SECRET_KEY, seen.id, seen.key)
        return Answer(_receipt(first.number, password), replayed=True)
    if first or taken:
        raise ProblemError("id_reused")
    return None


def _receipt(number: str, password: str) -> dict[str, str]:
    return {"number": number, "password": password, "qr": receipts.qr_data(f"{settings.PUBLIC_URL}/q#{number}")}


def _new_case(cell: Area, seen: Seen) -> Incident:
    klass = queries.class_by_key(seen.class_key)
    if klass.domain == Domain.MATTER:  # those are registered at the counter
        raise ProblemError("unknown_class", fields={"class_key": "unknown_class"})
    lon, lat = queries.middle_of(cell) if seen.lon is None or seen.lat is None else (seen.lon, seen.lat)
    area_code = geo.locate(lon, lat)
    if area_code is None:
        raise ProblemError("point_outside", fields={"lon": "point_outside", "lat": "point_outside"})
    street = areacode.stream_of(cell.code)
    if not area_code.startswith(
        street
    ):  # trouble does not end at a cell's border, but another street is another office
        raise ProblemError("far_from_cell", fields={"lon": "far_from_cell", "lat": "far_from_cell"})
    now = timezone.now()
    return Incident(
        id=seen.id, street=street, number=0, area_code=area_code, point=Point(lon, lat, srid=4326), klass=klass,
        condition=None, description=seen.text, source=Origin.CITIZEN, state=State.REPORTED, level=Level.STREET,
        urgent=False, occurred_at=now, reported_at=now, receipt_id=seen.id,
    )  # fmt: skip


# --- by the receipt ---


@dataclass(frozen=True)
class Held:
    """What somebody shows as hers: number and password as she typed them, and where she asks from."""

    number: str
    password: str
    address: str


@cache
def _nobodys() -> str:
    """The hash that stands in where no receipt has the number, so that looking takes the same work."""
    return make_password("nobody")


def open_receipt(held: Held) -> Receipt:
    """The receipt of number and password; `no_receipt` whichever of them is wrong, `too_many` after too many attempts.

    An unknown number costs the same work as a wrong password. Attempts are counted per number, whether there is
    such a receipt or not, and per address; what is no number at all is nobody's and not counted as one.
    """
    number = receipts.number_as_written(held.number)
    limits.take("lookup.address", held.address)
    if number:
        limits.take("lookup.number", number)
    found = Receipt.objects.filter(number=number).first()
    instead = _nobodys()
    right = check_password(receipts.password_as_written(held.password), found.password if found else instead)
    if found is None or not right:
        raise ProblemError("no_receipt")
    limits.give_back("lookup.address", held.address)
    limits.give_back("lookup.number", number)
    return found


def attach_by_resident(held: Held, *, photo_id: UUID, data: bytes) -> Answer:
    """Add a photo to the resident's own case while it is open; the same photo again is no second one."""
    limits.take("photo.address", held.address)
    receipt = open_receipt(held)
    photo = clean(data)
    with transaction.atomic():
        incident = queries.lock(queries.current_case(receipt).pk)
        first = Attachment.objects.filter(pk=photo_id).first()
        if first:
            if first.incident.receipt_id != receipt.pk or first.uploaded_by_id or first.sha256 != photo.sha256:
                raise ProblemError("id_reused")
            return Answer({"id": str(photo_id)}, replayed=True)
        if State(incident.state) in TERMINAL:
            raise ProblemError("case_over")
        if incident.attachments.filter(uploaded_by=None).count() >= MOST_PHOTOS:
            raise ProblemError("too_many_photos", most=MOST_PHOTOS)
        papers = incident.klass.domain == Domain.MATTER or incident.state == State.WAITING
        kind = "document" if papers else "before"
        Attachment.objects.create(**stored(incident, photo_id, kind, photo))
        done = change(incident, (Action.PHOTO, None), {} if incident.cover else {"cover": photo_id})
        events.record(_of(done.event), None)
    return Answer({"id": str(photo_id)}, replayed=False)


def _of(draft: events.Draft | None) -> events.Draft:
    assert draft is not None
    return draft


def answer_question(held: Held, *, answer_id: UUID, text: str) -> Answer:
    """Answer the open question; the acceptor's clock goes on. The same answer again is no second one."""
    receipt = open_receipt(held)
    with transaction.atomic():
        incident = queries.lock(queries.current_case(receipt).pk)
        first = Question.objects.filter(answer_id=answer_id).first()
        if first:
            if first.incident.receipt_id != receipt.pk or first.answer != text:
                raise ProblemError("id_reused")
            return Answer({}, replayed=True)
        question = incident.questions.filter(ended_at__isnull=True).first()
        if question is None or State(incident.state) in TERMINAL:
            raise ProblemError("no_question")
        cause = Cause(str(Action.ANSWER), timezone.now(), incident.version + 1)
        changes = followup.end_question(question, incident, cause, answer_id=answer_id, answer=text)
        events.record(_of(change(incident, (Action.ANSWER, None), changes).event), None)
    return Answer({}, replayed=False)


def rate(held: Held, *, rating_id: UUID, outcome: str, text: str) -> Answer:
    """Say once whether a closed case is solved; "not solved" asks for it to be taken up again."""
    receipt = open_receipt(held)
    with transaction.atomic():
        incident = queries.lock(queries.current_case(receipt).pk)
        first = Rating.objects.filter(id=rating_id).first()
        if first:
            if first.incident.receipt_id != receipt.pk or (first.outcome, first.text) != (outcome, text):
                raise ProblemError("id_reused")
            return Answer({}, replayed=True)
        if incident.state != State.CLOSED:
            raise ProblemError("not_closed")
        if Rating.objects.filter(incident=incident).exists():
            raise ProblemError("already_rated")
        wish = Wish.OPEN if outcome == Solved.NO else Wish.NONE
        Rating.objects.create(
            id=rating_id, incident=incident, outcome=outcome, text=text, rated_at=timezone.now(), wish=wish
        )
        events.record(_of(change(incident, (Action.RATE, None), {}).event), None)
    return Answer({}, replayed=False)


def expire_questions() -> int:
    """End the questions whose time is over and let the clocks go on; returns how many. Any number may run at a time."""
    ended = 0
    while _expire_one():
        ended += 1
    return ended


@transaction.atomic
def _expire_one() -> bool:
    now = timezone.now()
    # The case is locked before its question, as everywhere.
    waiting = Question.objects.filter(ended_at__isnull=True, until__lte=now).values("incident")
    incident = Incident.objects.filter(pk__in=waiting).select_for_update(skip_locked=True).first()
    question = incident and incident.questions.filter(ended_at__isnull=True, until__lte=now).first()
    if not incident or not question:
        return False
    changes = followup.end_question(question, incident, Cause("question_expired", now, incident.version + 1))
    Incident.objects.filter(pk=incident.pk).update(**changes, version=incident.version + 1)
    after = Incident.objects.select_related("klass", "department").get(pk=incident.pk)
    events.record(draft_of(after, "incident.question_expired"), None)
    return True
