"""HTTP of people by service. Values come in by bodies alone: no address holds a name or a number."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap import access
from gridmap.actions import persons as actions
from gridmap.actions import persons_end as ends
from gridmap.errors import ProblemError
from gridmap.http import Mutation, Number, Problem, Words, answer, caller
from gridmap.models import How, User, Why
from gridmap.queries import looks as look_queries
from gridmap.queries import persons as queries
from gridmap.services import PURPOSES, Service

router = Router(tags=["people by service"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem, 503: Problem}
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Value = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=300)]
Code = Annotated[str, Field(pattern=r"^\d{0,15}$")]
Said = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
Purpose = Literal["visit", "contact", "arrange", "correct", "request", "emergency"]


class Named(Schema):
    key: str
    zh: str
    en: str


class FieldOut(Named):
    required: bool
    why_zh: str
    why_en: str


class ServiceOut(Named):
    """A service and what somebody agrees to who is registered with it."""

    purpose_zh: str
    purpose_en: str
    ground_zh: str
    ground_en: str
    form: int = Field(description="version of the consent form")
    consent_zh: str
    consent_en: str
    keep_days: int = Field(description="how long a record is kept after the service ended")
    fields: list[FieldOut]


class ServicesOut(Schema):
    services: list[ServiceOut]
    purposes: list[Named] = Field(description="what a masked value may be opened for")


class AgreedIn(Schema):
    form: Number
    how: How
    given_on: date

    def agreed(self) -> actions.Agreed:
        return actions.Agreed(form=self.form, how=How(self.how), given_on=self.given_on)


class ValuesIn(Schema):
    """The values of a person; those of another service are refused."""

    name: Value = ""
    phone: Value = ""
    birth_year: Number | None = None
    need: Value = ""


class WhereIn(Schema):
    """Where somebody lives: a place of the register, or for want of one a point in the cell."""

    place: UUID | None = None
    lon: Lon | None = None
    lat: Lat | None = None

    def where(self, user: User) -> actions.Where | None:
        if self.place:
            lon, lat = queries.point_of(user, self.place)
            return actions.Where(lon=lon, lat=lat, place=self.place)
        return None if self.lon is None or self.lat is None else actions.Where(lon=self.lon, lat=self.lat)


class PersonIn(ValuesIn, WhereIn):
    id: UUID
    consent: AgreedIn
    another: bool = Field(False, description="somebody else of the same name as one who is known")


class PersonChange(Mutation, WhereIn):
    """Only what is given is changed; an empty value is taken out, and a point without a place takes the address out."""

    version: Number
    name: Value | None = None
    phone: Value | None = None
    birth_year: Number | None = None
    need: Value | None = None
    another: bool = Field(False, description="somebody else of that name is known, and not her")


class StepIn(Mutation):
    version: Number


class ConsentIn(StepIn, AgreedIn):
    pass


class DeleteIn(StepIn):
    why: Literal["withdrawn", "request", "mistake"]


class SearchIn(Schema):
    name: Value = ""
    phone: Value = ""


class ReasonIn(Schema):
    purpose: Purpose
    words: Said = Field(description="kept in the access log: without her name or number")


class RevealIn(ReasonIn):
    fields: Annotated[list[Annotated[Words, Field(max_length=16)]], Field(min_length=1, max_length=8)]


class PersonDone(Schema):
    id: UUID
    version: int
    replayed: bool = False


class ConsentOut(Schema):
    form: int
    how: str
    given_on: date
    withdrawn_on: date | None


class PersonOut(Schema):
    """Somebody served, masked."""

    id: UUID
    service: str
    area: str
    area_name: str
    name: str
    phone: str
    closed: bool = Field(description="her values cannot be opened: the key is missing, or they were changed")
    since: date
    ended: date | None
    purge_after: date | None = Field(description="she is deleted when this day has passed")
    version: int
    consent: ConsentOut | None


class PersonsOut(Schema):
    people: list[PersonOut]
    more: bool


class RevealedOut(Schema):
    values: dict[str, str | int | None]


class SeenOut(Schema):
    at: AwareDatetime
    action: str
    fields: list[str]
    purpose: str


class CopyOut(Schema):
    """All that is kept of one person, for herself."""

    id: UUID
    service: ServiceOut
    area: str
    since: date
    ended: date | None
    values: dict[str, str | int | list[float] | None]
    consents: list[ConsentOut]
    looks: list[SeenOut]


def _service(one: Service) -> dict[str, Any]:
    texts = {"": one.name, "purpose_": one.purpose, "ground_": one.ground, "consent_": one.consent}
    fields = [
        {"key": f.key, "zh": f.name[0], "en": f.name[1], "required": f.required, "why_zh": f.why[0], "why_en": f.why[1]}
        for f in one.fields
    ]
    said = {f"{name}{language}": text[i] for name, text in texts.items() for i, language in enumerate(("zh", "en"))}
    return {"key": one.key, "form": one.form, "keep_days": one.keep_days, "fields": fields, **said}


@router.get("/services", response={200: ServicesOut, 404: Problem})
def services(request: HttpRequest) -> dict[str, Any]:
    """The services for which people may be known by name: purpose, ground, form of consent, values, how long they are kept."""
    purposes = [{"key": key, "zh": zh, "en": en} for key, (zh, en) in PURPOSES.items()]
    return {"services": [_service(one) for one in actions.services()], "purposes": purposes}


@router.get("/persons/{service}", response={200: PersonsOut, **REFUSALS})
def people(
    request: HttpRequest, service: str, area: Code = "", ended: bool = False, after: UUID | None = None
) -> dict[str, Any]:
    """The people of one service in the caller's areas, masked, fifty at a time; the look is noted."""
    one = _of(request, service)
    return actions.look_list(caller(request), one, area=area, ended=ended, after=after)


def _of(request: HttpRequest, service: str) -> Service:
    """The service of an address, for those who may see people at all."""
    one = queries.service_of(service)
    access.require(caller(request), "person.view")
    return one


@router.post("/persons/{service}/search", response={200: PersonsOut, **REFUSALS})
def search(request: HttpRequest, service: str, body: SearchIn) -> dict[str, Any]:
    """Who has exactly this name or number, in one service and the caller's areas, masked; the look is noted."""
    return actions.search(caller(request), _of(request, service), name=body.name, phone=body.phone)


@router.post("/persons/{service}", response={200: PersonDone, 201: PersonDone, **REFUSALS})
def register(request: HttpRequest, service: str, body: PersonIn) -> Status[dict[str, Any]]:
    """Register somebody who agreed. `person_known` names the record of one who is served already."""
    one = _of(request, service)
    values = body.model_dump(include=set(ValuesIn.model_fields))
    where = body.where(caller(request))
    if where is None:
        raise ProblemError("invalid", fields={"place": "where_needed"})
    done = actions.register(caller(request), one, body.id, values, where, body.consent.agreed(), another=body.another)
    return answer(done, 201)


@router.get("/persons/{service}/{person_id}", response={200: PersonOut, **REFUSALS})
def person(request: HttpRequest, service: str, person_id: UUID) -> dict[str, Any]:
    """One person, masked; the look is noted."""
    return actions.look_at(caller(request), queries.service_of(service), person_id)


@router.put("/persons/{service}/{person_id}", response={200: PersonDone, **REFUSALS})
def change(request: HttpRequest, service: str, person_id: UUID, body: PersonChange) -> Status[dict[str, Any]]:
    """Correct what is given. `person_known` names the record of another one who is known by that name."""
    one = queries.service_of(service)
    given = body.model_dump(include=set(ValuesIn.model_fields), exclude_unset=True)
    new = actions.New(values=given, where=body.where(caller(request)), another=body.another)
    done = actions.change(caller(request), one, person_id, new, version=body.version, mutation_id=body.mutation_id)
    return answer(done)


@router.post("/persons/{service}/{person_id}/consent", response={200: PersonDone, **REFUSALS})
def consent(request: HttpRequest, service: str, person_id: UUID, body: ConsentIn) -> Status[dict[str, Any]]:
    """Record a consent to the form in force; a service that had ended goes on."""
    one = queries.service_of(service)
    done = actions.consent(
        caller(request), one, person_id, body.agreed(), version=body.version, mutation_id=body.mutation_id
    )
    return answer(done)


@router.post("/persons/{service}/{person_id}/withdrawal", response={200: PersonDone, **REFUSALS})
def withdraw(request: HttpRequest, service: str, person_id: UUID, body: StepIn) -> Status[dict[str, Any]]:
    """Record that consent was withdrawn: the service ends, and all is deleted a week later."""
    one = queries.service_of(service)
    return answer(actions.withdraw(caller(request), one, person_id, version=body.version, mutation_id=body.mutation_id))


@router.post("/persons/{service}/{person_id}/end", response={200: PersonDone, **REFUSALS})
def end(request: HttpRequest, service: str, person_id: UUID, body: StepIn) -> Status[dict[str, Any]]:
    """End the service; the record is deleted when the time of its form is over."""
    one = queries.service_of(service)
    return answer(actions.end(caller(request), one, person_id, version=body.version, mutation_id=body.mutation_id))


@router.post("/persons/{service}/{person_id}/deletion", response={200: PersonDone, **REFUSALS})
def delete(request: HttpRequest, service: str, person_id: UUID, body: DeleteIn) -> Status[dict[str, Any]]:
    """Delete somebody now: values, consents and key. A tombstone without any value stays."""
    one = queries.service_of(service)
    done = ends.destroy(
        caller(request), one, person_id, Why(body.why), version=body.version, mutation_id=body.mutation_id
    )
    return answer(done)


@router.post("/persons/{service}/{person_id}/reveal", response={200: RevealedOut, **REFUSALS})
def reveal(request: HttpRequest, service: str, person_id: UUID, body: RevealIn) -> dict[str, Any]:
    """Values unmasked, for a stated purpose. The look is in the access log before the answer leaves."""
    reason = actions.Reason(purpose=body.purpose, words=body.words)
    return {"values": actions.reveal(caller(request), queries.service_of(service), person_id, reason, body.fields)}


@router.post("/persons/{service}/{person_id}/copy", response={200: CopyOut, **REFUSALS})
def copy(request: HttpRequest, service: str, person_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """A copy of all that is kept of one person, to be handed to herself; the look is noted."""
    one = queries.service_of(service)
    reason = actions.Reason(purpose=body.purpose, words=body.words)
    found = actions.export(caller(request), one, person_id, reason)
    person = found["person"]
    return {
        "id": person.pk, "service": _service(one), "area": person.area_code, "since": person.since, "ended": person.ended,
        "values": found["values"], "consents": [queries.consent_shown(c) for c in found["consents"]],
        "looks": look_queries.at_person(person.pk),
    }  # fmt: skip
