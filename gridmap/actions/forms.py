"""Forms are kept, changed, deleted; the clock asks them on their day and keeps what they gave."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from gridmap import access, events, forms
from gridmap.actions import Answer, Done, once
from gridmap.errors import ProblemError
from gridmap.forms import Form, form_of
from gridmap.models import Area, FormResult, SavedForm, User
from gridmap.queries import forms as reads

log = logging.getLogger(__name__)
KEPT = 36  # results of a form


@dataclass(frozen=True)
class Wish:
    """What a kept form is to be. `day`: of the month on which the clock asks it; none: by hand alone."""

    name: str
    area: str
    form: Form
    day: int | None = None


def check(form: Form) -> None:
    """`invalid` with what is wrong, by part."""
    if faults := forms.faults(form):
        raise ProblemError("invalid", fields=faults)


def keep(actor: User, form_id: UUID, wish: Wish) -> Answer:
    """Keep a form for all who may report in its area."""
    return once(actor, form_id, {"keep": form_id, **_raw(wish)}, lambda: _keep(actor, form_id, wish))


def _keep(actor: User, form_id: UUID, wish: Wish) -> Done:
    _may(actor, wish)
    row = SavedForm.objects.create(id=form_id, area_code=wish.area, created_by=actor, **_fields(wish))
    return _done(row, "form.kept")


def change(actor: User, form_id: UUID, wish: Wish, *, version: int, mutation_id: UUID) -> Answer:
    """Change a kept form; `form_changed` if somebody was faster. What it gave before stays."""
    request = {"change": form_id, "version": version, **_raw(wish)}
    return once(actor, mutation_id, request, lambda: _change(actor, form_id, wish, version))


def _change(actor: User, form_id: UUID, wish: Wish, version: int) -> Done:
    reads.get(actor, form_id)
    _may(actor, wish)
    row = SavedForm.objects.select_for_update(of=("self",)).get(pk=form_id)
    if row.version != version:
        raise ProblemError("form_changed")
    if row.area_code != wish.area:
        raise ProblemError("invalid", fields={"area": "unknown_area"})
    for name, value in _fields(wish).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    return _done(row, "form.changed")


@transaction.atomic
def drop(actor: User, form_id: UUID) -> None:
    """Delete a kept form with what it gave."""
    row = SavedForm.objects.select_for_update(of=("self",)).get(pk=reads.get(actor, form_id).pk)
    access.require(actor, "register.report", row.area_code)
    events.record(_draft(row, "form.dropped"), actor)
    row.delete()


def _may(actor: User, wish: Wish) -> None:
    check(wish.form)
    if not Area.objects.filter(pk=wish.area, valid_to=None).exists():
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    access.require(actor, "register.report", wish.area)
    if not reads.scope_for(actor, wish.form).covers(wish.area):
        raise ProblemError("forbidden")


def _raw(wish: Wish) -> dict[str, Any]:
    return {"name": wish.name, "area": wish.area, "form": asdict(wish.form), "day": wish.day}


def _fields(wish: Wish) -> dict[str, Any]:
    return {"name": wish.name, "kind": wish.form.kind, "form": asdict(wish.form), "day": wish.day}


def _draft(row: SavedForm, kind: str) -> events.Draft:
    return events.Draft(
        kind=kind, area_code=row.area_code, object_id=str(row.pk), version=row.version, payload=events.Nothing()
    )


def _done(row: SavedForm, kind: str) -> Done:
    return Done({"id": str(row.pk), "version": row.version}, _draft(row, kind))


def note_export(actor: User, form: Form, area: str, made: Mapping[str, Any]) -> None:
    """Say in the log that a form was taken out of the system, before its first row leaves."""
    with transaction.atomic():
        payload = events.FormExported.model_validate({"record": form.kind, "lists": form.lists, **made})
        events.record(events.Draft(kind="form.exported", area_code=area, object_id=area, payload=payload), actor)


def ask_due() -> int:
    """Ask the forms whose day has come, once a month each, and keep what they give; returns how many.

    One that cannot be asked keeps no other waiting: why it gave nothing stands in its place.
    """
    made, today = 0, timezone.localdate()
    for one in list(reads.due(today)):
        try:
            made += _ask_in_turn(one, today)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("the form %s could not be asked", one.pk)
            with transaction.atomic():
                _missed(one, "form_not_asked")
                SavedForm.objects.filter(pk=one.pk).update(made_on=today)
    return made


@transaction.atomic
def _ask_in_turn(one: SavedForm, today: date) -> int:
    row = SavedForm.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=one.pk, made_on=one.made_on)
    held = row.select_related("created_by").first()
    if held is None:
        return 0
    made = _ask(held)
    SavedForm.objects.filter(pk=held.pk).update(made_on=today)
    return made


def _ask(row: SavedForm) -> int:
    """Only as far as whoever keeps the form may still see it."""
    form = form_of(row.form)
    try:
        scope = reads.scope_for(row.created_by, form)
    except ProblemError:
        return _missed(row, "form_author_gone")
    if not scope.covers(row.area_code):
        return _missed(row, "form_author_gone")
    if forms.faults(form):
        return _missed(row, "form_outdated")
    rows = reads.codes(form, row.area_code, scope, reads.MOST_STORED + 1)
    _result(row, rows=rows[: reads.MOST_STORED], more=len(rows) > reads.MOST_STORED)
    events.record(_draft(row, "form.made"), row.created_by)
    return 1


def _missed(row: SavedForm, fault: str) -> int:
    """A month in which a form gave nothing says why, where its figures would be."""
    _result(row, rows=[], fault=fault)
    events.record(_draft(row, "form.missed"), row.created_by)
    return 0


def _result(row: SavedForm, **given: Any) -> None:
    FormResult.objects.create(form=row, name=row.name, question=row.form, **given)
    old = row.results.order_by("-made_at").values_list("pk", flat=True)[KEPT:]
    FormResult.objects.filter(pk__in=list(old)).delete()
