"""HTTP of matters: registering, procedures, signed archives."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import Router, Status

from gridmap import access
from gridmap.errors import ProblemError
from gridmap.http import Problem, Words, answer, caller
from incidents import actions, queries
from incidents.schemas.base import REFUSALS
from incidents.schemas.cases import RegisteredOut
from incidents.schemas.matters import (
    BeginIn,
    CheckIn,
    DraftIn,
    DryRunOut,
    EarlierOut,
    FlawsOut,
    ForceIn,
    MatterIn,
    MatterKindOut,
    ProcedureOut,
    VersionDone,
)

router = Router(tags=["incidents"])


@router.get("/matters/kinds", response=list[MatterKindOut])
def matter_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """The kinds of matter that can be registered in the caller's areas today, each with its guide and its stages."""
    return [
        {"class_key": klass.key, "name": klass.name, "name_en": klass.name_en, "major": klass.major, "guide": version.guide,
         "area": version.procedure.area_code, "stages": version.stages}
        for klass, version in queries.matter_kinds(caller(request))
    ]  # fmt: skip


@router.post("/matters", response={200: RegisteredOut, 201: RegisteredOut, **REFUSALS})
def register(request: HttpRequest, body: MatterIn) -> Status[dict[str, Any]]:
    """Register a matter: it begins in the first stage of the procedure in force. The applicant gets a receipt."""
    matter = actions.Registration(**body.dict(exclude={"area"}), area_code=body.area)
    return answer(actions.register_at_counter(caller(request), matter), 201)


@router.get("/matters/earlier", response=list[EarlierOut])
def earlier_matters(request: HttpRequest, number: Words = "", area: str = "") -> list[dict[str, Any]]:
    """The matter of this number in the area's street and those before it, as far as the caller may see them."""
    user = caller(request)
    found = queries.matter_by_number(user, number, area)
    return [queries.shown(found), *queries.earlier_of(user, found)] if found else []


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


@router.get("/incidents/{incident_id}/archive", response={200: Any, 404: Problem})
def archive(request: HttpRequest, incident_id: UUID) -> FileResponse:
    """The signed PDF of a finished matter."""
    path = queries.archive_file(caller(request), incident_id)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path.open("rb"), content_type="application/pdf", headers=headers)
