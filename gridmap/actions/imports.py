"""Imports: a file is uploaded, looked at, mapped, checked, taken row by row, and may be taken back as a whole."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gridmap import access, areacode, events, kept
from gridmap.actions import Answer, Done, once
from gridmap.errors import ProblemError
from gridmap.intake import columns, coordinates
from gridmap.models import Area, ImportRun, ImportState, User
from gridmap.queries import imports as reads

S = ImportState
WORKING = (S.UPLOADED, S.CHECKING, S.RUNNING, S.UNDOING)
OVER = (S.FAILED, S.DONE, S.UNDONE)  # the file is needed no more
STALE = timedelta(minutes=2)  # without a sign of a worker; then it is queued again
MOST_ATTEMPTS = 3  # at a file without a row done; it may end the process that opens it
KEPT_DAYS = 7  # that a file stays after the last step
# What may be asked for: the states from which, and the one after it.
STEPS: Mapping[str, tuple[frozenset[str], str]] = {
    "check": (frozenset({S.READY, S.CHECKED, S.STOPPED}), S.CHECKING),
    "start": (frozenset({S.READY, S.CHECKED, S.STOPPED}), S.RUNNING),
    "stop": (frozenset({S.UPLOADED, S.CHECKING, S.RUNNING}), S.STOPPED),
    "undo": (frozenset({S.DONE, S.STOPPED}), S.UNDOING),
}
ZERO = {"position": 0, "made": 0, "changed": 0, "same": 0, "refused": 0, "places": 0}


@dataclass(frozen=True)
class Wish:
    """How a file is to be read: target: column, target: one value for all rows, what its coordinates are, what may be made."""

    columns: Mapping[str, str]
    fixed: Mapping[str, str]
    reference: str = ""
    swapped: bool = False
    make_places: bool = False


def upload(actor: User, run: UUID, *, area: str, kind: str, name: str, data: bytes) -> Answer:
    """Keep a file that is to go into the register of an area; a worker looks at it. Only its name is shown to others."""
    access.require(actor, "register.import")
    if not Area.objects.filter(pk=area, valid_to=None, level__gte=areacode.STREET).exists():
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    access.require(actor, "register.import", area)
    if kind == "household":
        access.require(actor, "household.view", area)
    if not data:
        raise ProblemError("empty_file", fields={"file": "empty_file"})
    request = {"area": area, "kind": kind, "name": name, "size": len(data)}
    return once(actor, run, request, lambda: _upload(actor, run, area, kind, name, data))


def _upload(actor: User, run: UUID, area: str, kind: str, name: str, data: bytes) -> Done:
    file = secrets.token_hex(16)
    kept.write(kept.upload_of(Path(settings.MEDIA_ROOT), file), data)
    row = ImportRun.objects.create(
        id=run, area_code=area, kind=kind, name=name[-100:], file=file, size=len(data), created_by=actor, asked_by=actor,
    )  # fmt: skip
    return Done({"id": str(run), "version": row.version}, draft(row))


def draft(run: ImportRun) -> events.Draft:
    """The event of an import as it is now."""
    now = events.ImportNow.model_validate(
        {"record": run.kind, **{name: getattr(run, name) for name in ("made", "changed", "refused", "undone")}}
    )
    return events.Draft(
        kind=f"import.{run.state}", area_code=run.area_code, object_id=str(run.pk), version=run.version, payload=now
    )


def step(actor: User, run: UUID, name: str, *, version: int, mutation_id: UUID, wish: Wish | None = None) -> Answer:
    """Ask for a step: check the rows without writing, start, stop, undo. `import_state` if it has moved on meanwhile."""
    request = {"step": name, "run": run, "version": version, "wish": wish and _as_json(wish)}
    return once(actor, mutation_id, request, lambda: _step(actor, run, name, version, wish))


def _step(actor: User, run_id: UUID, name: str, version: int, wish: Wish | None) -> Done:
    found = reads.get(actor, run_id)
    access.require(actor, "register.import", found.area_code)
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    allowed, after = STEPS[name]
    begun = run.state == S.STOPPED and bool(run.written)
    half_undone = bool(run.undone or run.kept)
    if (
        run.version != version
        or run.state not in allowed
        or (name == "check" and begun)
        or (name == "start" and half_undone)
        or (name == "undo" and not run.written)
    ):
        raise ProblemError("import_state")
    if name in ("check", "start"):
        _prepare(run, wish, fresh=not begun)
    if name == "undo":
        run.position = run.undone = run.kept = 0
        run.refusals.all().delete()
    run.reason = {}
    if run.state == S.UPLOADED:  # there is nothing that could go on
        run.reason, after = {"code": "import_called_off", "words": {}}, S.FAILED
    run.attempts, run.asked_by = 0, actor
    _to(run, after)
    return Done({"id": str(run.pk), "version": run.version}, draft(run))


def _prepare(run: ImportRun, wish: Wish | None, *, fresh: bool) -> None:
    """Put the mapping in place; what a stopped import has begun goes on as it began."""
    if not run.file:
        raise ProblemError("import_file_gone")
    if wish and fresh:
        _check(run, wish)
        run.mapping = _as_json(wish)
    if not run.mapping:
        raise ProblemError("invalid", fields={"columns": "not_mapped"})
    if fresh:
        for name, value in ZERO.items():
            setattr(run, name, value)
        run.refusals.all().delete()


def _check(run: ImportRun, wish: Wish) -> None:
    faults = columns.flaws(run.kind, run.columns, wish.columns, wish.fixed)
    if missing := columns.can_be_found(run.kind, {*wish.columns, *wish.fixed}):
        faults.setdefault(missing, "not_mapped")
    needs = "x" in wish.columns or (run.shapes and run.kind != "household")
    if (needs or wish.reference) and wish.reference not in coordinates.references():
        faults["reference"] = "unknown_reference"
    if faults:
        raise ProblemError("invalid", fields=faults)


def _as_json(wish: Wish) -> dict[str, Any]:
    return {
        "columns": dict(wish.columns), "fixed": dict(wish.fixed), "reference": wish.reference, "swapped": wish.swapped,
        "make_places": wish.make_places,
    }  # fmt: skip


def _to(run: ImportRun, state: str) -> None:
    run.state, run.version, run.touched_at = state, run.version + 1, timezone.now()
    if state in OVER:
        _delete_file(run)
    run.save()


def _delete_file(run: ImportRun) -> None:
    """Delete the file of a run with the transaction that is open, and what was shown of it."""
    file, run.file = run.file, ""
    if file:
        transaction.on_commit(lambda: _unlink(file))


def _unlink(file: str) -> None:
    root = Path(settings.MEDIA_ROOT)
    for path in (kept.upload_of(root, file), kept.look_of(root, file)):
        path.unlink(missing_ok=True)


# --- what the worker finds


@dataclass(frozen=True)
class Seen:
    """What a worker saw in a file."""

    form: str
    encoding: str
    columns: tuple[str, ...]
    rows: int
    crs: str
    shapes: bool
    guess: Mapping[str, Any]
    look: list[list[str]]


@transaction.atomic
def attempt(run_id: UUID) -> bool:
    """Note, before a file is opened, that a worker tries it; False when too many have tried and died: then it has failed."""
    run = in_state(run_id, S.UPLOADED, S.CHECKING, S.RUNNING)
    if run is None:
        return False
    if run.attempts >= MOST_ATTEMPTS:
        run.reason = {"code": "import_broke_off", "words": {}}
        finish(run, S.STOPPED if run.written else S.FAILED)
        return False
    ImportRun.objects.filter(pk=run_id).update(attempts=run.attempts + 1, touched_at=timezone.now())
    return True


@transaction.atomic
def looked(run_id: UUID, seen: Seen) -> None:
    """Keep what was seen in a file; its first rows lie beside it and go with it."""
    run = in_state(run_id, S.UPLOADED)
    if run is None:
        return
    kept.write(kept.look_of(Path(settings.MEDIA_ROOT), run.file), orjson.dumps(seen.look))
    for name in ("form", "encoding", "rows", "crs", "shapes"):
        setattr(run, name, getattr(seen, name))
    run.columns, run.guess, run.attempts = list(seen.columns), dict(seen.guess), 0
    finish(run, S.READY)


@transaction.atomic
def failed(run_id: UUID, code: str, words: Mapping[str, Any]) -> None:
    """End an import whose file cannot be taken, with the reason; what it wrote until then can be undone."""
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state not in WORKING:
        return
    run.reason = {"code": code, "words": dict(words)}
    finish(run, S.STOPPED if run.written else S.FAILED)


def in_state(run_id: UUID, *states: str) -> ImportRun | None:
    """The import, held until the end of the transaction, if it is in one of these states."""
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=run_id)
    return run if run.state in states else None


def finish(run: ImportRun, state: str) -> None:
    """Take the step that a worker takes by itself, with its event."""
    _to(run, state)
    events.record(draft(run), run.asked_by)


def begin_check_again(run_id: UUID) -> None:
    """A dry run that a worker left begins anew: what it remembered is gone."""
    with transaction.atomic():
        run = in_state(run_id, S.CHECKING)
        if run and run.position:
            run.refusals.all().delete()
            ImportRun.objects.filter(pk=run_id).update(**ZERO)


def without_worker() -> list[UUID]:
    """Imports on which nobody seems to work any more; asked again only after a while."""
    now = timezone.now()
    found = list(ImportRun.objects.filter(state__in=WORKING, touched_at__lt=now - STALE).values_list("pk", flat=True))
    ImportRun.objects.filter(pk__in=found).update(touched_at=now)
    return found


def forget_files() -> int:
    """Delete what is kept of imports that nothing has happened to for a week: the file and what was refused of it.

    Returns how many were forgotten. What they made is there to be undone.
    """
    old = ImportRun.objects.exclude(state__in=WORKING).filter(touched_at__lt=timezone.now() - timedelta(days=KEPT_DAYS))
    gone = 0
    for run_id in old.filter(Q(refusals__isnull=False) | ~Q(file="")).distinct().values_list("pk", flat=True):
        with transaction.atomic():
            run = in_state(run_id, *(set(S) - set(WORKING)))
            if run:
                _delete_file(run)
                run.refusals.all().delete()
                ImportRun.objects.filter(pk=run_id).update(file="")
                gone += 1
    _sweep()
    return gone


def _sweep() -> None:
    """Delete files that no import knows: whoever wrote or was to delete them was killed."""
    folder = kept.uploads(Path(settings.MEDIA_ROOT))
    before = time.time() - timedelta(days=1).total_seconds()
    old = [path for path in folder.glob("*") if path.stat().st_mtime < before] if folder.is_dir() else []
    known = set(ImportRun.objects.filter(file__in={path.stem for path in old}).values_list("file", flat=True))
    for path in old:
        if path.stem not in known:
            path.unlink(missing_ok=True)
