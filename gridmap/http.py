"""How a caller is known and how errors leave: session with CSRF for browsers, bearer tokens for programs, one error shape."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, cast
from urllib.parse import unquote
from uuid import UUID

import orjson
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from ninja import NinjaAPI, Schema, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer, SessionAuth
from pydantic import AfterValidator, AwareDatetime, Field

from gridmap.actions import Answer, token_digest
from gridmap.errors import ProblemError
from gridmap.models import ApiToken, User

log = logging.getLogger(__name__)


def _storable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("the character NUL and halves of characters cannot be stored")
    return text


# Text that comes in. PostgreSQL keeps every character but NUL, and a driver that meets one fails.
Words = Annotated[str, AfterValidator(_storable)]
# A number that counts or names something; JSON of browsers is exact up to here.
Number = Annotated[int, Field(ge=0, lt=2**53)]


class Problem(Schema):
    """Every error answers in this shape."""

    code: str
    message: str = Field(description="a sentence in the caller's language")
    fields: dict[str, str] = Field(description="what is wrong, per field")
    detail: dict[str, Any]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)  # a database takes no offset of a day
    except OverflowError as error:
        raise ValueError("a moment outside of the calendar") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Mutation(Schema):
    """The base of every write: the id its client made, so that a repeat has no second effect."""

    mutation_id: UUID


def user_of_token(token: str) -> User | None:
    """The active user of an unexpired bearer token."""
    found = (
        ApiToken.objects.filter(digest=token_digest(token), expires_at__gt=timezone.now())
        .select_related("user")
        .first()
    )
    return found.user if found and found.user.is_active else None


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> User:
        user = user_of_token(token)
        if user is None:  # who shows a token is no browser: do not go on to sessions
            raise AuthenticationError
        request.user = user
        return user


def caller(request: HttpRequest) -> User:
    """The signed-in user of a request that passed authentication."""
    return cast(User, request.user)


def language_of(request: HttpRequest) -> str:
    """ "zh" or "en": what the browser asks for, which the page sets to the user's choice."""
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "zh"


def address_of(request: HttpRequest) -> str:
    """Where a request came from, as far as our own proxies saw it; of IPv6 the network, for a home has all of one."""
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    trusted = settings.PROXIES
    text = passed[-trusted].strip() if 0 < trusted <= len(passed) else request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    return str(address if address.version == 4 else ip_network((address, 64), strict=False))


def answer(result: Answer, status: int = 200) -> Status[dict[str, Any]]:
    """A first answer with its own status; a repeat is always 200 and says that it is one."""
    return Status(200, result.body | {"replayed": True}) if result.replayed else Status(status, result.body)


KNOWN: dict[type[Exception], str] = {
    AuthenticationError: "not_signed_in",
    Http404: "not_found",
    RequestDataTooBig: "too_large",
    SuspiciousOperation: "unreadable",  # too many fields or files, a name that is no name
    MultiPartParserError: "unreadable",
    UnreadablePostError: "unreadable",
}


Reply = Callable[[HttpRequest, ProblemError], HttpResponse]


def _reply(api: NinjaAPI, request: HttpRequest, problem: ProblemError) -> HttpResponse:
    response = api.create_response(request, problem.body(language_of(request)), status=problem.status)
    if "retry_after" in problem.detail:
        response["Retry-After"] = str(problem.detail["retry_after"])
    return response


def install_errors(api: NinjaAPI, shape: Reply | None = None) -> None:
    """Map every error to its status and the one shape, or to that of a standard."""

    reply = shape or partial(_reply, api)

    @api.exception_handler(ProblemError)
    def _problem(request: HttpRequest, exc: ProblemError) -> HttpResponse:
        return reply(request, exc)

    @api.exception_handler(ValidationError)
    def _validation(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        fields = {".".join(map(str, error["loc"][2:])) or str(error["loc"][-1]): error["msg"] for error in exc.errors}
        return reply(request, ProblemError("invalid", fields=fields))

    @api.exception_handler(AuthenticationError)
    @api.exception_handler(Http404)
    @api.exception_handler(SuspiciousOperation)
    @api.exception_handler(MultiPartParserError)
    @api.exception_handler(UnreadablePostError)
    def _known(request: HttpRequest, exc: Exception) -> HttpResponse:
        return reply(request, ProblemError(next(code for kind, code in KNOWN.items() if isinstance(exc, kind))))

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, exc: HttpError) -> HttpResponse:
        return reply(request, ProblemError("csrf" if exc.status_code == 403 else "unreadable"))

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def _database(request: HttpRequest, exc: Exception) -> HttpResponse:
        log.warning("no database for %s: %s", request.path, str(exc).strip())
        return reply(request, ProblemError("unavailable"))

    @api.exception_handler(Exception)
    def _unforeseen(request: HttpRequest, exc: Exception) -> HttpResponse:
        log.error("unforeseen error at %s", request.path, exc_info=exc)
        return reply(request, ProblemError("internal"))


class Json(BaseRenderer):
    """JSON as the log writes it: times keep their microseconds, so a card is the same in an answer and in an event."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


def new_api(version: str) -> NinjaAPI:
    """An API with authentication and errors in place; the routers are added by the composition root."""
    auth = [Bearer(), SessionAuth(csrf=True)]
    api = NinjaAPI(title="gridmap", version=version, auth=auth, renderer=Json(), urls_namespace="api")
    install_errors(api)
    return api


def new_open311(shape: Reply) -> NinjaAPI:
    """The API of a standard of its own: keys alone, errors as the standard has them, a document of its own beside it."""
    api = NinjaAPI(title="gridmap Open311 GeoReport", version="2", urls_namespace="open311")
    install_errors(api, shape)
    return api


def open_endpoints(api: NinjaAPI, prefix: str = "/api/") -> set[str]:
    """The endpoints that answer without signing in, as "METHOD /path", by the document that describes them."""
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema(path_prefix=prefix)["paths"]
    return {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "security" not in operation
    }


class TokenAuthMiddleware:
    """For WebSockets of programs: `Authorization: Bearer …` in the handshake makes the scope's user."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        user = await database_sync_to_async(user_of_token)(bearer_of(scope) or "")
        await self.app({**scope, "user": user or AnonymousUser()}, receive, send)


def bearer_of(scope: dict[str, Any]) -> str | None:
    """The bearer token of an ASGI scope, None without one."""
    for name, value in scope.get("headers", ()):
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return unquote(value[7:].decode("latin-1")).strip()
    return None
