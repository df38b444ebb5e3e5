"""HTTP of incidents."""

from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from gridmap import access, geo
from gridmap.errors import ProblemError
from gridmap.http import Problem, Words, answer, caller, language_of
from gridmap.queries import heads, on_duty
from incidents import actions, queries, store
from incidents.actions import routing
from incidents.schemas import (
    ActionIn,
    ActionName,
    BeginIn,
    BulkIn,
    BulkOut,
    CardOut,
    CatalogueOut,
    CheckIn,
    Cursor,
    DeadlinesOut,
    Detail,
    DraftIn,
    DryRunOut,
    FilterChange,
    FilterNew,
    FilterOrder,
    FilterOut,
    FlawsOut,
    ForceIn,
    ListOut,
    MatterIn,
    MatterKindOut,
    PhotoAdded,
    PresenceOut,
    ProcedureOut,
    ReportIn,
    StateName,
    SummaryOut,
    TextOut,
    VerdictOut,
    VersionDone,
)
from incidents.schemas.routing import (
    CaseRouting,
    RoutingOverview,
    RulesDraftIn,
    RuleSetChange,
    RuleSetChanged,
    RuleSetOut,
    RulesIn,
    RulesInForceIn,
    RulesTrialOut,
)
from incidents.workflow import Action, Outcome

router = Router(tags=["incidents"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 413: Problem, 422: Problem}
ARCHIVE_MOST = 24 * 1024 * 1024
TILE = "application/vnd.mapbox-vector-tile"


class FilterIn(Schema):
    """What a list or a map shows; `state` takes several, separated by commas."""

    state: str = ""
    open: bool = False
    mine: Literal["", "reported", "todo"] = ""
    class_key: Words = ""
    domain: Literal["", "event", "object", "matter"] = ""
    department: int | None = None
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""
    q: Annotated[Words, Field(max_length=60)] = ""
    overdue: bool = False
    urgent: bool = False
    due_within: Annotated[int | None, Field(ge=1, le=100_000)] = None

    def filters(self) -> queries.Filters:
        states = [s for s in self.state.split(",") if s]
        unknown = [s for s in states if s not in StateName.__args__]  # type: ignore[attr-defined]  # a Literal
        if unknown:
            raise ProblemError("invalid", fields={"state": ", ".join(unknown)})
        return queries.Filters(**{**self.dict(), "state": states, "q": self.q.strip()})


@router.get("/catalogue", response=CatalogueOut)
def get_catalogue(request: HttpRequest) -> dict[str, Any]:
    """The classes that can be reported, with conditions and limits; the ten most used of the area first in `quick`."""
    return queries.catalogue(caller(request))


@router.get("/matters/kinds", response=list[MatterKindOut])
def matter_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """The kinds of matter that can be registered in the caller's areas today, each with its guide and its stages."""
    return [
        {"class_key": klass.key, "name": klass.name, "name_en": klass.name_en, "major": klass.major, "guide": version.guide,
         "area": version.procedure.area_code, "stages": version.stages}
        for klass, version in queries.matter_kinds(caller(request))
    ]  # fmt: skip


@router.post("/matters", response={200: CardOut, 201: CardOut, **REFUSALS})
def register(request: HttpRequest, body: MatterIn) -> Status[dict[str, Any]]:
    """Register a matter: it begins in the first stage of the procedure in force."""
    matter = actions.Registration(**body.dict(exclude={"area"}), area_code=body.area)
    return answer(actions.register(caller(request), matter), 201)


@router.get("/procedures", response=list[ProcedureOut])
def procedures(request: HttpRequest) -> list[dict[str, Any]]:
    """The procedures of the caller's areas and of those above, with all versions."""
    return queries.procedures_out(caller(request))


@router.post("/procedures", response={200: VersionDone, 201: VersionDone, **REFUSALS})
def begin_procedure(request: HttpRequest, body: BeginIn) -> Status[dict[str, Any]]:
    """Give a class a procedure of its own in an area."""
    done = actions.begin_procedure(
        caller(request), mutation_id=body.mutation_id, class_key=body.class_key, area_code=body.area
    )
    return answer(done, 201)


@router.post("/procedures/check", response={200: FlawsOut, **REFUSALS})
def check_procedure(request: HttpRequest, body: CheckIn) -> dict[str, Any]:
    """What would keep these stages from being put in force; stores nothing."""
    access.require(caller(request), "procedure.manage")
    return {"flaws": queries.flaws([row.dict() for row in body.stages], body.area)}


@router.put("/procedures/{procedure_id}/draft", response={200: VersionDone, **REFUSALS})
def put_draft(request: HttpRequest, procedure_id: int, body: DraftIn) -> Status[dict[str, Any]]:
    """Store the draft of a procedure, flaws and all."""
    stages = [row.dict() for row in body.stages]
    done = actions.put_draft(
        caller(request), procedure_id, mutation_id=body.mutation_id, stages=stages, guide=body.guide.dict()
    )
    return answer(done, 200)


@router.post("/procedures/{procedure_id}/force", response={200: VersionDone, **REFUSALS})
def put_in_force(request: HttpRequest, procedure_id: int, body: ForceIn) -> Status[dict[str, Any]]:
    """Let new cases follow the draft from a day on; refused while it has flaws."""
    done = actions.put_in_force(caller(request), procedure_id, mutation_id=body.mutation_id, valid_from=body.valid_from)
    return answer(done, 200)


@router.get("/procedures/{procedure_id}/trial", response={200: DryRunOut, **REFUSALS})
def try_procedure(request: HttpRequest, procedure_id: int, version: int) -> Any:
    """What a version would have meant for the cases of the past year."""
    found = queries.procedure_of(caller(request), procedure_id, manage=True)
    chosen = found.versions.filter(number=version).first()
    if chosen is None or queries.flaws(chosen.stages, found.area_code):
        raise ProblemError("not_found" if chosen is None else "procedure_flawed")
    return queries.dry_run(found, chosen)


@router.post("/incidents", response={200: CardOut, 201: CardOut, **REFUSALS})
def report(request: HttpRequest, body: ReportIn) -> Status[dict[str, Any]]:
    """Report an incident, or record one that was solved on the spot (`self_handled`)."""
    return answer(actions.report(caller(request), actions.Report(**body.dict())), 201)


@router.get("/incidents", response=ListOut)
def list_incidents(
    request: HttpRequest,
    filters: Query[FilterIn],
    order: Literal["new", "due"] = "new",
    cursor: Words = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of cards in the caller's scope."""
    user = caller(request)
    cursors = {s: Cursor(epoch=h.epoch, seq=h.seq) for s, h in heads(user).items()}  # before the rows: a lower bound
    found = queries.page(user, filters.filters(), order=order, cursor=cursor, limit=limit)
    return {"items": found.items, "next": found.next, "total": found.total, "capped": found.capped, "cursors": cursors}


@router.get("/incidents/summary", response=SummaryOut)
def summary(request: HttpRequest) -> dict[str, int]:
    """How many open incidents of the caller's scope wait for what, and how many workers are on duty."""
    user = caller(request)
    return queries.summary(user) | {"on_duty": on_duty(user).count()}


@router.get("/tiles/incidents/{z}/{x}/{y}", response={200: Any, 404: Problem})
def incident_tile(request: HttpRequest, z: int, x: int, y: int, filters: Query[FilterIn]) -> HttpResponse:
    """A vector tile of matching incidents in the caller's scope."""
    if not geo.tile_exists(z, x, y):
        raise ProblemError("not_found")
    return HttpResponse(
        queries.tile(caller(request), filters.filters(), z, x, y),
        content_type=TILE,
        headers={"Cache-Control": "no-store"},
    )


# --- the desk ---


@router.post("/incidents/bulk", response={200: BulkOut, 422: Problem})
def act_on_several(request: HttpRequest, body: BulkIn) -> dict[str, Any]:
    """Take one step on several cases, each by itself; the answer tells case by case what happened. Safe to repeat."""
    chosen = [actions.Chosen(**one.dict()) for one in body.cases]
    note = body.action == "note"
    given = actions.Given(
        department=body.department, text=body.reason if note else "", reason="" if note else body.reason
    )
    language = language_of(request)
    return {
        "results": [
            {
                "id": found.chosen.id, "result": found.result, "card": found.card,
                "code": found.problem and found.problem.code, "message": found.problem and found.problem.body(language)["message"],
            }
            for found in actions.bulk(caller(request), Action(body.action), chosen, given)
        ]
    }  # fmt: skip


@router.get("/incidents/{incident_id}/texts", response={200: list[TextOut], 404: Problem})
def standard_texts(
    request: HttpRequest,
    incident_id: UUID,
    action: ActionName = "note",
    department: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
) -> list[dict[str, Any]]:
    """The standard texts for an action on this case, filled; `department` is the one about to be chosen."""
    user = caller(request)
    return queries.texts_for(user, queries.get(user, incident_id), action, department)


@router.put("/incidents/{incident_id}/presence", response={200: PresenceOut, 403: Problem, 404: Problem})
def look(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """Say that the caller has this case open, every 20 s while it is; answers who else has. Kept for 45 s."""
    return {"others": actions.look(caller(request), incident_id)}


@router.delete("/incidents/{incident_id}/presence", response={204: None, 404: Problem})
def look_away(request: HttpRequest, incident_id: UUID) -> Status[None]:
    """Say that the caller has closed this case."""
    actions.look_away(caller(request), incident_id)
    return Status(204, None)


@router.get("/filters", response=list[FilterOut])
def filters(request: HttpRequest) -> list[dict[str, Any]]:
    """The caller's own saved filters, in her order."""
    return queries.described(list(queries.filters_of(caller(request))))


@router.post("/filters", response={200: FilterOut, 201: FilterOut, 409: Problem, 422: Problem})
def save_filter(request: HttpRequest, body: FilterNew) -> Status[dict[str, Any]]:
    """Keep a filter."""
    kept = body.filter.dict(exclude_none=True)
    return answer(actions.save_filter(caller(request), body.id, name=body.name, filter=kept), 201)


@router.put("/filters/order", response={204: None})
def order_filters(request: HttpRequest, body: FilterOrder) -> Status[None]:
    """Put the caller's filters into this order."""
    actions.order_filters(caller(request), body.ids)
    return Status(204, None)


@router.patch("/filters/{filter_id}", response={200: FilterOut, 404: Problem, 409: Problem, 422: Problem})
def change_filter(request: HttpRequest, filter_id: UUID, body: FilterChange) -> dict[str, Any]:
    """Give a filter another name, or other contents."""
    kept = body.filter.dict(exclude_none=True) if body.filter else None
    row = actions.change_filter(caller(request), filter_id, name=body.name, filter=kept)
    return queries.described([row])[0]


@router.delete("/filters/{filter_id}", response={204: None, 404: Problem})
def delete_filter(request: HttpRequest, filter_id: UUID) -> Status[None]:
    """Forget a filter; a 404 says that it is gone."""
    actions.delete_filter(caller(request), filter_id)
    return Status(204, None)


# --- one case ---


@router.get("/incidents/{incident_id}", response={200: Detail, 404: Problem})
def detail(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """One case with its timeline, photos, clock, and what the caller may do with it."""
    return queries.detail(caller(request), queries.get(caller(request), incident_id))


@router.get("/incidents/{incident_id}/archive", response={200: Any, 404: Problem})
def archive(request: HttpRequest, incident_id: UUID) -> FileResponse:
    """The signed PDF of a finished matter."""
    path = queries.archive_file(caller(request), incident_id)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path.open("rb"), content_type="application/pdf", headers=headers)


@router.post("/archives/check", response={200: VerdictOut, **REFUSALS})
def check_archive(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Whether a PDF is an archive as an office trusted here signed it; stores nothing."""
    from incidents import seal  # noqa: PLC0415  # large, and needed by this alone

    if (file.size or 0) > ARCHIVE_MOST:
        raise ProblemError("too_large")
    return seal.check(file.read(), settings.SEAL_ROOT)


@router.get("/incidents/{incident_id}/deadline", response={200: DeadlinesOut, 404: Problem})
def deadline(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """Why a case is due when it is: each of its deadlines with the time that counts and the time that does not."""
    return queries.explained(queries.get(caller(request), incident_id))


@router.get("/incidents/{incident_id}/routing", response={200: CaseRouting, 404: Problem})
def case_routing(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """Which department the rules in force suggest for a case, why in words, and what its assignments kept of it."""
    return queries.routing_explained(queries.get(caller(request), incident_id))


@router.get("/routing/sets", response={200: RoutingOverview, 403: Problem})
def routing_sets(request: HttpRequest) -> dict[str, Any]:
    """The districts whose routing rules the caller may see, and every version of them."""
    access.require(caller(request), "routing.view")
    return queries.rules_overview(caller(request))


@router.post("/routing/sets", response={200: RuleSetChanged, 201: RuleSetChanged, **REFUSALS})
def start_rules_draft(request: HttpRequest, body: RulesDraftIn) -> Status[dict[str, Any]]:
    """Start a draft from the version in force; a district has one draft at a time, and gets the same one again."""
    return answer(routing.start_draft(caller(request), body.area, mutation_id=body.mutation_id), 201)


@router.get("/routing/sets/{set_id}", response={200: RuleSetOut, 404: Problem})
def rule_set(request: HttpRequest, set_id: UUID) -> dict[str, Any]:
    """A version with its rules and the check: gaps, overlaps, and what ended."""
    return queries.rules_version(caller(request), queries.rule_set(caller(request), set_id))


@router.get("/routing/sets/{set_id}/trial", response={200: RulesTrialOut, 404: Problem})
def try_rule_set(request: HttpRequest, set_id: UUID) -> dict[str, Any]:
    """A dry run: which of the last month's cases that the caller may see this version would send elsewhere."""
    return queries.rules_trial(caller(request), queries.rule_set(caller(request), set_id))


@router.post("/routing/sets/{set_id}/rules", response={200: RuleSetChanged, **REFUSALS})
def replace_rules(request: HttpRequest, set_id: UUID, body: RulesIn) -> Status[dict[str, Any]]:
    """Put these rules in the place of those of a draft."""
    rows = [routing.Row(**row.dict(exclude={"answers"}), answers=tuple(row.answers.items())) for row in body.rules]
    return answer(
        routing.replace_rules(caller(request), set_id, rows, version=body.version, mutation_id=body.mutation_id)
    )


@router.post("/routing/sets/{set_id}/in-force", response={200: RuleSetChanged, **REFUSALS})
def put_rules_in_force(request: HttpRequest, set_id: UUID, body: RulesInForceIn) -> Status[dict[str, Any]]:
    """Let a draft decide from now on; refused while its check finds anything."""
    given = body.dict()
    return answer(routing.put_in_force(caller(request), set_id, **given))


@router.post("/routing/sets/{set_id}/discard", response={200: RuleSetChanged, **REFUSALS})
def discard_rules_draft(request: HttpRequest, set_id: UUID, body: RuleSetChange) -> Status[dict[str, Any]]:
    """Give a draft up; it stays readable."""
    return answer(routing.discard(caller(request), set_id, version=body.version, mutation_id=body.mutation_id))


@router.post("/incidents/{incident_id}/photos", response={200: PhotoAdded, 201: PhotoAdded, **REFUSALS})
def add_photo(
    request: HttpRequest,
    incident_id: UUID,
    id: Form[UUID],
    file: File[UploadedFile],
    kind: Form[Literal["before", "after", "document"]] = "before",
) -> Status[dict[str, Any]]:
    """Add a photo (JPEG, PNG or WebP, at most 20 MB); metadata is removed."""
    if (file.size or 0) > settings.PHOTO_MAX_BYTES:
        raise ProblemError("photo_too_large", fields={"file": "photo_too_large"})
    result = actions.attach(caller(request), incident_id, photo_id=id, kind=kind, data=file.read())
    return answer(result, 201)


@router.post("/incidents/{incident_id}/{action}", response={200: CardOut, **REFUSALS})
def act(request: HttpRequest, incident_id: UUID, action: ActionName, body: ActionIn) -> Status[dict[str, Any]]:
    """Take a step of the workflow."""
    if body.version is None and action != "note":
        raise ProblemError("invalid", fields={"version": "version_needed"})
    given = actions.Given(
        **body.dict(exclude={"mutation_id", "outcome"}), outcome=Outcome(body.outcome) if body.outcome else None
    )
    return answer(actions.act(caller(request), incident_id, Action(action), mutation_id=body.mutation_id, given=given))


def _photo(request: HttpRequest, photo_id: UUID, *, thumb: bool) -> FileResponse:
    found = queries.photo(caller(request), photo_id)
    path = store.path_of(Path(settings.MEDIA_ROOT), found.sha256, thumb=thumb)
    if thumb and not path.exists():  # the worker has not made it yet
        path = store.path_of(Path(settings.MEDIA_ROOT), found.sha256)
    if not path.exists():
        raise ProblemError("not_found")
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable" if not thumb else "private, max-age=60",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(path.open("rb"), content_type="image/jpeg", headers=headers)


@router.get("/photos/{photo_id}", response={200: Any, 404: Problem})
def photo(request: HttpRequest, photo_id: UUID) -> FileResponse:
    """A photo as JPEG, at most 2048 px a side."""
    return _photo(request, photo_id, thumb=False)


@router.get("/photos/{photo_id}/thumb", response={200: Any, 404: Problem})
def photo_thumb(request: HttpRequest, photo_id: UUID) -> FileResponse:
    """The small picture of a photo, at most 320 px a side."""
    return _photo(request, photo_id, thumb=True)
