"""HTTP of forms: the register answers what departments ask; kept, asked every month, taken out as a table."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from gridmap import forms as pure
from gridmap import sheets
from gridmap.actions import forms as actions
from gridmap.api.register import Record
from gridmap.http import Mutation, Number, Problem, Words, answer, caller, language_of
from gridmap.models import User
from gridmap.queries import departments_in_scope
from gridmap.queries import forms as queries
from gridmap.register.kinds import KINDS, Kind
from gridmap.register.kinds import Field as KindField

router = Router(tags=["forms"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
Part = Annotated[Words, Field(max_length=20)]
Parts = Annotated[list[Part], Field(max_length=40)]
AreaCode = Annotated[str, Field(pattern=r"^\d{2,15}$")]
MOST_EXPORTED = 1_000_000


class FilterIO(Schema):
    field: Part
    operator: Literal["is", "not", "least", "most", "empty", "filled"]
    value: Annotated[Words, Field(max_length=100)] = ""


class FormIO(Schema):
    """A question: records of a kind that pass the filters, counted by groups with sums, or listed with columns."""

    kind: Record
    groups: Parts = []
    sums: Parts = []
    columns: Parts = []
    filters: Annotated[list[FilterIO], Field(max_length=20)] = []

    def form(self) -> pure.Form:
        return pure.form_of(self.dict())


class AskIn(Schema):
    area: AreaCode
    form: FormIO


class FormTable(Schema):
    head: list[str]
    rows: list[list[Any]]
    more: bool = Field(description="there are more rows than are shown")


class ExportResultIn(Schema):
    format: Literal["csv", "xlsx"]


class ExportFormIn(AskIn, ExportResultIn):
    pass


class KeepFormIn(AskIn):
    id: UUID
    name: Annotated[Words, Field(min_length=1, max_length=60)]
    day: Annotated[int, Field(ge=1, le=28)] | None = Field(None, description="of the month on which the clock asks it")


class ChangeFormIn(Mutation, AskIn):
    version: Number
    name: Annotated[Words, Field(min_length=1, max_length=60)]
    day: Annotated[int, Field(ge=1, le=28)] | None = None


class FormDone(Schema):
    id: UUID
    version: int
    replayed: bool = False


class FormResultRef(Schema):
    id: int
    at: AwareDatetime
    fault: str = Field(description="why it gave nothing")


class KeptForm(Schema):
    id: UUID
    name: str
    area: str
    form: FormIO
    day: int | None
    version: int
    by: str
    results: list[FormResultRef] = Field(description="what the clock has made of it, the newest first")


class FormPart(Schema):
    name: str
    zh: str
    en: str


class FilterChoice(Schema):
    value: str
    zh: str
    en: str


class FilterPart(FormPart):
    type: Literal["text", "number", "choice", "department"]
    choices: list[FilterChoice] = Field(description="the values that it can have, where they are few")


class KindParts(Schema):
    """What can be asked of a kind of records."""

    kind: Record
    groups: list[FormPart]
    sums: list[FormPart]
    columns: list[FormPart]
    filters: list[FilterPart]


class FormsOut(Schema):
    forms: list[KeptForm]
    kinds: list[KindParts]


@router.get("/forms", response={200: FormsOut})
def forms(request: HttpRequest) -> dict[str, Any]:
    """The forms that are kept in the caller's areas, and what forms can ask."""
    return {"forms": queries.kept(caller(request), language_of(request)), "kinds": _kinds(caller(request))}


def _kinds(user: User) -> list[dict[str, Any]]:
    found = departments_in_scope(user).order_by("name", "pk")
    offices = [{"value": str(one.pk), "zh": one.name, "en": one.name_en or one.name} for one in found]
    return [_parts(KINDS[name], offices) for name in KINDS]


def _parts(kind: Kind, offices: list[dict[str, str]]) -> dict[str, Any]:
    known = pure.AREA_WORDS | pure.BY_ITSELF | {one.name: (one.zh, one.en) for one in kind.fields}
    parts = {"groups": pure.groupable(kind), "sums": pure.summable(kind), "columns": pure.listable(kind)}
    return {
        "kind": kind.name, "filters": [_filter(one, offices) for one in kind.fields if one.type != "record"],
        **{part: [{"name": one, "zh": known[one][0], "en": known[one][1]} for one in names] for part, names in parts.items()},
    }  # fmt: skip


def _filter(one: KindField, offices: list[dict[str, str]]) -> dict[str, Any]:
    own = [{"value": choice.code, "zh": choice.zh, "en": choice.en} for choice in one.choices]
    return {
        "name": one.name, "zh": one.zh, "en": one.en, "type": one.type, "choices": offices if one.type == "department" else own,
    }  # fmt: skip


@router.post("/forms", response={200: FormDone, 201: FormDone, **REFUSALS})
def keep(request: HttpRequest, body: KeepFormIn) -> Status[dict[str, Any]]:
    """Keep a form for all who may report in its area."""
    return answer(
        actions.keep(caller(request), body.id, actions.Wish(body.name, body.area, body.form.form(), body.day)), 201
    )


@router.post("/forms/ask", response={200: FormTable, 403: Problem, 422: Problem})
def ask(request: HttpRequest, body: AskIn) -> dict[str, Any]:
    """What the register answers to a form now, in an area, as far as the caller may see."""
    form = body.form.form()
    actions.check(form)
    scope, most = queries.scope_for(caller(request), form), queries.MOST_SHOWN
    head, rows = queries.table(form, body.area, scope, language_of(request), most + 1)
    return {"head": head, "rows": rows[:most], "more": len(rows) > most}


@router.post("/forms/export", response={200: Any, 403: Problem, 422: Problem})
def export(request: HttpRequest, body: ExportFormIn) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """The whole table as CSV or XLSX. That it was taken stands in the log before its first row leaves."""
    user, form = caller(request), body.form.form()
    actions.check(form)
    scope = queries.scope_for(user, form)
    rows, language = queries.count(form, body.area, scope, MOST_EXPORTED), language_of(request)
    area = body.area if scope.covers(body.area) else queries.own_area(scope)
    actions.note_export(user, form, area, {"format": body.format, "rows": rows})
    found = queries.stream(form, body.area, scope, language, MOST_EXPORTED)
    return _file(pure.head(form, language), found, body.format)


def _file(head: list[str], rows: Iterable[list[Any]], kind: str) -> StreamingHttpResponse | FileResponse:
    headers = {"Content-Disposition": f'attachment; filename="form.{kind}"', "Cache-Control": "no-store"}
    if kind == "csv":
        return StreamingHttpResponse(
            sheets.csv_pieces(head, rows), content_type="text/csv; charset=utf-8", headers=headers
        )
    return FileResponse(
        sheets.xlsx_file("form", head, rows),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers=headers,
    )  # fmt: skip


@router.put("/forms/{form_id}", response={200: FormDone, **REFUSALS})
def change(request: HttpRequest, form_id: UUID, body: ChangeFormIn) -> Status[dict[str, Any]]:
    """Change a kept form; what it gave before stays."""
    wish = actions.Wish(body.name, body.area, body.form.form(), body.day)
    return answer(actions.change(caller(request), form_id, wish, version=body.version, mutation_id=body.mutation_id))


@router.delete("/forms/{form_id}", response={204: None, **REFUSALS})
def drop(request: HttpRequest, form_id: UUID) -> Status[None]:
    """Delete a kept form with what it gave."""
    actions.drop(caller(request), form_id)
    return Status(204, None)


@router.get("/forms/{form_id}/results/{int:result_id}", response={200: FormTable, 404: Problem})
def result(request: HttpRequest, form_id: UUID, result_id: int) -> dict[str, Any]:
    """What a kept form gave on a day."""
    found, language = queries.result(caller(request), form_id, result_id), language_of(request)
    form = pure.form_of(found.question)
    return {"head": pure.head(form, language), "rows": queries.in_words(form, found.rows, language), "more": found.more}


@router.post("/forms/{form_id}/results/{int:result_id}/export", response={200: Any, 404: Problem})
def export_result(
    request: HttpRequest, form_id: UUID, result_id: int, body: ExportResultIn
) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """What a kept form gave on a day, as CSV or XLSX; noted in the log like every export."""
    user, language = caller(request), language_of(request)
    found = queries.result(user, form_id, result_id)
    form = pure.form_of(found.question)
    actions.note_export(user, form, found.form.area_code, {"format": body.format, "rows": len(found.rows)})
    return _file(pure.head(form, language), queries.in_words(form, found.rows, language), body.format)
