"""HTTP of the kernel: sign in, who am I, people, areas, places, the log since a cursor."""

from typing import Annotated, Any, Literal

import orjson
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Query, Router, Schema, Status
from ninja.utils import check_csrf
from pydantic import Field

from gridmap import access, actions, areacode, events, queries
from gridmap.errors import ProblemError
from gridmap.http import Mutation, Problem, Words, answer, caller
from gridmap.models import Area, Department, Role, User

router = Router(tags=["kernel"])

# The page a role works on; the first of a user's roles in this order is home.
HOMES: dict[Role, str] = {
    Role.DIRECTOR: "/street", Role.DISPATCHER: "/street", Role.ACCEPTOR: "/street", Role.COMMUNITY: "/street",
    Role.HANDLER: "/handle", Role.WORKER: "/worker", Role.AUDITOR: "/street", Role.PLANNER: "/plan", Role.ADMINISTRATOR: "/admin/",
}  # fmt: skip

Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]


class Login(Schema):
    username: Words
    password: Words


class DepartmentOut(Schema):
    id: int
    code: str
    name: str
    name_en: str


class DepartmentRef(Schema):
    id: int
    name: str


class GrantOut(Schema):
    role: str
    area_code: str
    area_name: str
    department: DepartmentRef | None


class Me(Schema):
    id: int
    username: str
    name: str
    language: Literal["zh", "en"]
    roles: list[str]
    grants: list[GrantOut]
    actions: list[str]
    home: str
    bounds: tuple[float, float, float, float] | None = Field(description="west, south, east, north in degrees")
    on_duty: bool


MOST_PEOPLE = 200  # of a list: then a part of the name is asked for


class TeamRef(DepartmentRef):
    name_en: str


class PersonGrant(Schema):
    id: int
    role: str
    area: str
    area_name: str
    department: TeamRef | None


class Person(Schema):
    """Somebody who signs in, with the roles that she holds."""

    id: int
    username: str
    name: str
    grants: list[PersonGrant]


class PeopleIn(Schema):
    q: Annotated[Words, Field(max_length=60)] = Field("", description="part of the name or of the account")


class PeopleOut(Schema):
    people: list[Person]
    more: bool


class PersonMoved(Person):
    replayed: bool = False


class MovePersonIn(Mutation):
    grant: Annotated[int, Field(ge=1, lt=2**63)]
    area: Annotated[str, Field(pattern=r"^\d{2,15}$")]
    department: Annotated[int, Field(ge=1, lt=2**63)] | None = None


class Settings(Schema):
    language: Literal["zh", "en"]


class AreaOut(Schema):
    code: str
    name: str
    name_en: str
    level: int
    kind: str
    parent: str | None
    provisional: bool
    households: int | None
    center: tuple[float, float] | None
    bounds: tuple[float, float, float, float] | None


class AreaRef(Schema):
    code: str
    name: str


class PlaceOut(Schema):
    cell: AreaRef | None
    community: AreaRef | None
    street: AreaRef | None


class Cursor(Schema):
    epoch: str
    seq: int


class Reset(Schema):
    stream: str
    reason: Literal["epoch", "purged", "too_far", "ahead"]


def me_of(user: User) -> Me:
    grants = list(user.grants.select_related("department").order_by("role", "area_code"))
    names = queries.area_names(g.area_code for g in grants)
    held = access.grants_of(user)
    return Me(
        id=user.pk, username=user.username, name=user.name, language=user.language,  # type: ignore[arg-type]  # "zh" or "en" by its choices
        roles=sorted(held.roles), actions=_possible(held.actions), bounds=queries.scope_bounds(user), on_duty=queries.is_on_duty(user),
        home=next((home for role, home in HOMES.items() if role in held.roles), "/login"),
        grants=[
            GrantOut(
                role=g.role, area_code=g.area_code, area_name=names.get(g.area_code, g.area_code),
                department=DepartmentRef(id=g.department.pk, name=g.department.name) if g.department else None,
            )
            for g in grants
        ],
    )  # fmt: skip


def _possible(actions: list[str]) -> list[str]:
    """Without what concerns people by service while that is turned off."""
    return [one for one in actions if settings.PERSON_DATA or not one.startswith(("person.", "looks."))]


@router.post("/login", auth=None, response={200: Me, 401: Problem, 403: Problem})
def login(request: HttpRequest, body: Login) -> Me:
    """Sign in with a session cookie. The page that asks has a CSRF cookie: nobody is signed in from elsewhere as somebody else."""
    if check_csrf(request):
        raise ProblemError("csrf")
    user = auth.authenticate(request, username=body.username, password=body.password)
    if user is None:
        raise ProblemError("bad_login")
    auth.login(request, user)
    get_token(request)
    return me_of(caller(request))


@router.post("/logout", response={204: None})
def logout(request: HttpRequest) -> Status[None]:
    """End the session."""
    auth.logout(request)
    return Status(204, None)


@router.get("/me", response=Me)
def me(request: HttpRequest) -> Me:
    """The signed-in user: roles, grants, what she may do, where she works."""
    get_token(request)
    return me_of(caller(request))


@router.patch("/me", response=Me)
def change_me(request: HttpRequest, body: Settings) -> Me:
    """Change one's own language."""
    actions.set_language(caller(request), body.language)
    return me_of(caller(request))


@router.get("/areas", response=list[AreaOut])
def areas(request: HttpRequest, level: Annotated[int | None, Query(ge=1, le=6)] = None) -> list[AreaOut]:
    """Areas in the caller's scope and the ancestors that name them."""
    found = list(queries.areas_in_scope(caller(request), level).defer("geom", "geom_3857"))
    places = queries.area_centers(a.code for a in found)
    return [_area_out(area, places.get(area.code)) for area in found]


def _area_out(area: Area, place: Any) -> AreaOut:
    center, bounds = place or (None, None)
    return AreaOut(
        code=area.code, name=area.name, name_en=area.name_en, level=area.level, kind=area.kind, households=area.households,
        parent=areacode.parent_of(area.code), provisional=area.provisional, center=center, bounds=bounds,
    )  # fmt: skip


@router.get(
    "/areas.geojson", response={200: Any}, openapi_extra={"responses": {200: {"content": {"application/geo+json": {}}}}}
)
def areas_geojson(request: HttpRequest, level: Annotated[int, Query(ge=1, le=6)]) -> HttpResponse:
    """Borders of one level in the caller's scope."""
    return HttpResponse(queries.areas_geojson(caller(request), level), content_type="application/geo+json")


@router.get("/locate", response={200: PlaceOut, 403: Problem, 422: Problem})
def locate(request: HttpRequest, lon: Lon, lat: Lat) -> queries.Place:
    """The cell, community and street of a point, anywhere: borders and their names are no secret among those who serve."""
    access.require(caller(request), "area.view")
    return queries.locate(lon, lat)


@router.get("/departments", response=list[DepartmentOut])
def departments(request: HttpRequest) -> list[Department]:
    """Departments that serve the caller's areas."""
    return list(queries.departments_in_scope(caller(request)))


@router.get("/people", response={200: PeopleOut, 403: Problem})
def people(request: HttpRequest, wanted: Query[PeopleIn]) -> dict[str, Any]:
    """The people whom the caller manages, by name, with where each of their roles holds."""
    access.require(caller(request), "grant.manage")
    found = queries.people_found(caller(request), wanted.q.strip(), MOST_PEOPLE + 1)
    return {"people": queries.people_shown(found[:MOST_PEOPLE]), "more": len(found) > MOST_PEOPLE}


@router.post(
    "/people/{int:person_id}/move", response={200: PersonMoved, 403: Problem, 404: Problem, 409: Problem, 422: Problem}
)
def move_person(request: HttpRequest, person_id: int, body: MovePersonIn) -> Status[dict[str, Any]]:
    """Let one of a person's roles hold in another area, or for a handler with another department."""
    to = actions.Post(body.area, body.department)
    done = actions.move_person(caller(request), person_id, given=body.grant, to=to, mutation_id=body.mutation_id)
    return answer(done)


def events_router() -> Router:
    """The catch-up endpoint. Made by the composition root, when every app has registered its events."""
    log_router = Router(tags=["log"])

    class EventsOut(Schema):
        events: list[events.union()]  # type: ignore[valid-type]  # known at start-up only
        cursors: dict[str, Cursor]
        reset: list[Reset]
        more: bool

    @log_router.get("/events", response=EventsOut)
    def events_since(
        request: HttpRequest,
        since: Annotated[list[str], Query(description="STREAM:EPOCH:SEQ, one per stream")] = [],  # noqa: B006  # ninja reads the default, nobody changes it
        limit: Annotated[int, Query(ge=1, le=2000)] = 1000,
    ) -> HttpResponse:
        """Every event in the caller's scope after the cursors, in order; a stream that was not named starts at its head."""
        found = queries.events_since(caller(request), dict(map(_cursor, since)), limit)
        rest = orjson.dumps(
            {
                "cursors": {s: {"epoch": e, "seq": q} for s, (e, q) in found.cursors.items()},
                "reset": [{"stream": s, "reason": r} for s, r in found.reset],
                "more": found.more,
            }
        )
        body = b'{"events":[' + ",".join(found.events).encode() + b"]," + rest[1:]
        return HttpResponse(body, content_type="application/json")

    return log_router


def _cursor(text: str) -> tuple[str, tuple[str, int]]:
    stream, _, rest = text.partition(":")
    epoch, _, seq = rest.partition(":")
    if not areacode.is_valid(stream) or not (seq.isascii() and seq.isdigit() and len(seq) < 19):
        raise ProblemError("invalid", fields={"since": f"{text}: STREAM:EPOCH:SEQ"})
    return stream, (epoch, int(seq))
