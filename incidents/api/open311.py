"""Open311 GeoReport v2 (wiki.open311.org): other systems report here, and read what a resident may see.

What can be reported is open, as in the standard. Cases are read with a key alone: an API key is the bearer token of an account,
and its grants say where it may report and what it may see.
"""

from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Form, Path, Query, Router
from ninja.security import APIKeyQuery

from gridmap.errors import ProblemError
from gridmap.http import Words, caller, language_of, user_of_token
from gridmap.models import User
from incidents import actions, open311
from incidents.models import IncidentClass, Origin
from incidents.queries import open311 as queries
from incidents.queries import visible_to
from incidents.schemas.open311 import (
    Created,
    Discovery,
    Error,
    Jurisdiction,
    RequestIn,
    RequestsIn,
    Service,
    ServiceDefinition,
    ServiceRequest,
    TokenOut,
)

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"  # a name of the standard; nothing is fetched from there
# Of errors that are no 404 and no trouble of this server, the standard knows 403 for the key, and 400.
OF_THE_KEY = {"not_signed_in", "key_needed", "forbidden", "other_street", "own_eyes"}
MISSING = {"unknown_class", "jurisdiction_unknown", "not_found"}

Form311 = Annotated[Literal["xml", "json"], Path(description="the format of the answer")]
ERRORS: dict[Any, Any] = {400: list[Error], 403: list[Error], 404: list[Error]}
router = Router(tags=["open311"])


class ApiKey(APIKeyQuery):
    """`api_key` in the address or the form, or a bearer token: programs of this system have that already."""

    param_name = "api_key"

    def authenticate(self, request: HttpRequest, key: str | None) -> User:
        _, _, bearer = request.headers.get("Authorization", "").partition(" ")
        user = user_of_token(key or request.POST.get("api_key") or bearer.strip())
        if user is None:
            raise ProblemError("key_needed")
        request.user = user
        return user


def reply(request: HttpRequest, problem: ProblemError) -> HttpResponse:
    """An error in the standard's shape: one entry for each field that is wrong."""
    language = language_of(request)
    body = problem.body(language)
    status = 403 if problem.code in OF_THE_KEY else 404 if problem.code in MISSING else 400
    status = int(problem.status) if problem.status >= 500 else status
    lines = [f"{name}: {said}" for name, said in body["fields"].items() if said != body["message"]] or [body["message"]]
    form = "json" if request.path.endswith(".json") else "xml"
    return _answer(form, "errors", [{"code": status, "description": line} for line in lines], status)


def _answer(form: str, name: str, content: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(open311.as_bytes(form, name, content), status=status, content_type=open311.TYPES[form])


@router.get("/discovery.{form}", auth=None, response={200: Discovery, **ERRORS})
def discovery(request: HttpRequest, form: Form311) -> HttpResponse:
    """Where this is served, in which formats, and how to get a key."""
    english = language_of(request) == "en"
    changeset = queries.changeset()
    endpoint = {
        "specification": SPECIFICATION, "url": f"{settings.PUBLIC_URL}/open311/v2", "changeset": changeset,
        "type": "production" if settings.PRODUCTION else "test", "formats": ["text/xml", "application/json"],
    }  # fmt: skip
    who = "The administrator of this system" if english else "本系统的管理员"
    key = "The administrator makes a key for an account" if english else "由管理员为账号签发"
    content = {
        "changeset": changeset,
        "contact": f"{who}: {settings.PUBLIC_URL}",
        "key_service": key,
        "endpoints": [endpoint],
    }
    return _answer(form, "discovery", content)


@router.get("/services.{form}", auth=None, response={200: list[Service], **ERRORS})
def services(request: HttpRequest, form: Form311, where: Query[Jurisdiction]) -> HttpResponse:
    """What can be reported."""
    queries.jurisdiction(where.jurisdiction_id)
    return _answer(form, "services", queries.services(language_of(request)))


@router.get("/services/{service_code}.{form}", auth=None, response={200: ServiceDefinition, **ERRORS})
def definition(request: HttpRequest, service_code: Words, form: Form311, where: Query[Jurisdiction]) -> HttpResponse:
    """What a report of this class may say besides."""
    queries.jurisdiction(where.jurisdiction_id)
    asked = queries.attributes(queries.service(service_code), language_of(request))
    return _answer(form, "service_definition", {"service_code": service_code, "attributes": asked})


# Of a header that the standard does not know, for the document alone.
AGAIN = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string"},
    "description": "sent again under the same, the first answer comes again",
}  # fmt: skip


@router.post(
    "/requests.{form}", auth=ApiKey(), response={200: list[Created], **ERRORS}, openapi_extra={"parameters": [AGAIN]}
)
def create(request: HttpRequest, form: Form311, body: Form[RequestIn]) -> HttpResponse:
    """Report. A case is opened as every other; it is verified before it is filed, like all that residents report."""
    user = caller(request)
    given = {name: [str(v) for v in values] for name, values in request.POST.lists()}
    done = actions.report(user, _report(user, body, given, request.headers.get("Idempotency-Key", "")))
    notice = _notice(language_of(request), media=bool(body.media_url))
    created = {"service_request_id": done.body["id"], "service_notice": notice, "account_id": None}
    return _answer(form, "service_requests", [created])


def _report(user: User, body: RequestIn, given: dict[str, list[str]], idempotency_key: str) -> actions.Report:
    """The report that a form asks for; raises what is wrong with it."""
    if not body.service_code:
        raise ProblemError("invalid", fields={"service_code": "service_code_needed"})
    area, klass = queries.jurisdiction(body.jurisdiction_id), queries.service(body.service_code)
    if body.lat is None or body.long is None:
        raise ProblemError("invalid", fields={"lat": "lat_long_needed"})
    identity = uuid5(NAMESPACE_URL, f"{user.pk} {idempotency_key}") if idempotency_key else uuid4()
    first = visible_to(user).filter(pk=identity).first()
    seen = actions.Report(
        id=identity, class_key=klass.key, condition=_condition(klass, given), lon=body.long, lat=body.lat,
        description=body.description.strip(), address=body.address_string.strip(),
        occurred_at=first.occurred_at if first else timezone.now(), source=Origin.OPEN311, level="street", self_handled=False,
    )  # fmt: skip
    queries.inside(area, seen.lon, seen.lat)
    return seen


def _condition(klass: IncidentClass, given: dict[str, list[str]]) -> int | None:
    """The number of the condition that an attribute names; whether the class has it is checked with the report."""
    text = "".join(given.get(f"attribute[{queries.CONDITION}]", [])).strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ProblemError("unknown_condition", fields={f"attribute[{queries.CONDITION}]": "unknown_condition"})
    return int(text) if text else None


def _notice(language: str, *, media: bool) -> str:
    if language == "en":
        said = "Taken. It is looked at on the spot before it is filed. Name, telephone and e-mail are not kept."
        return said + (" The media_url was not fetched: send photos another way." if media else "")
    said = "已收到,核实后立案。姓名、电话和邮箱不保存。"
    return said + ("未读取 media_url,请用其他方式提供照片。" if media else "")


@router.get("/requests.{form}", auth=ApiKey(), response={200: list[ServiceRequest], **ERRORS})
def list_requests(request: HttpRequest, form: Form311, asked: Query[RequestsIn]) -> HttpResponse:
    """Cases in the scope of the key, the newest first: of 90 days at most, and 1,000 in one answer."""
    return _answer(form, "service_requests", queries.requests(caller(request), _asked(asked), language_of(request)))


def _asked(given: RequestsIn) -> queries.Asked:
    area = queries.jurisdiction(given.jurisdiction_id)
    states = _parts(given.status)
    if not set(states) <= {"open", "closed"}:
        raise ProblemError("invalid", fields={"status": "open, closed"})
    try:
        start, end = (open311.moment(text) if text else None for text in (given.start_date, given.end_date))
        since, until = open311.span(start, end, timezone.now())
    except ValueError:
        raise ProblemError("invalid", fields={"start_date, end_date": "bad_span"}) from None
    named = [known for text in _parts(given.service_request_id)[: open311.MOST] if (known := _uuid(text))]
    return queries.Asked(
        ids=named if given.service_request_id else None, codes=_parts(given.service_code), states=states, since=since,
        until=until, area=area, page=given.page, page_size=given.page_size,
    )  # fmt: skip


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@router.get("/requests/{service_request_id}.{form}", auth=ApiKey(), response={200: list[ServiceRequest], **ERRORS})
def one_request(
    request: HttpRequest, service_request_id: Words, form: Form311, where: Query[Jurisdiction]
) -> HttpResponse:
    """One case in the scope of the key."""
    return _answer(form, "service_requests", [_one(request, service_request_id, where)])


@router.get("/tokens/{token}.{form}", auth=ApiKey(), response={200: list[TokenOut], **ERRORS})
def token(request: HttpRequest, token: Words, form: Form311, where: Query[Jurisdiction]) -> HttpResponse:
    """The request of a token. A report has its id at once, so its id is its token."""
    found = _one(request, token, where)["service_request_id"]
    return _answer(form, "service_requests", [{"service_request_id": found, "token": found}])


def _one(request: HttpRequest, text: str, where: Jurisdiction) -> dict[str, Any]:
    known, now = _uuid(text), timezone.now()
    asked = queries.Asked(
        ids=[known] if known else [], since=now, until=now, area=queries.jurisdiction(where.jurisdiction_id)
    )
    found = queries.requests(caller(request), asked, language_of(request))
    if not found:
        raise ProblemError("not_found")
    return found[0]
