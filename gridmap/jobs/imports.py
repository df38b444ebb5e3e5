"""Imports into the register, in the worker: a file is opened here and nowhere else."""

import logging
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django_tasks import task

from gridmap import kept
from gridmap.actions import import_rows, import_undo
from gridmap.actions import imports as actions
from gridmap.intake import columns, coordinates
from gridmap.intake.judge import Judge, Reading
from gridmap.intake.sheet import FileError
from gridmap.models import ImportRun, ImportState
from gridmap.queries import imports as queries
from gridmap.register.kinds import KINDS

if TYPE_CHECKING:
    from gridmap.intake.sheet import Sheet

log = logging.getLogger(__name__)
LONGEST_S = 60.0  # then the other jobs have their turn
LOOKED_AT = 20  # rows that are shown
MEASURED = 500  # rows whose coordinates are looked at


@task()
def work_import(stream: str, seq: int, run_id: str) -> None:
    """Do what an import waits for: look at its file, check or take its rows, take them back. Safe to run twice and at once."""
    run = ImportRun.objects.filter(pk=UUID(run_id)).first()
    if run is None or run.state not in actions.WORKING:
        return
    if run.state == ImportState.UNDOING:
        _undo(run.pk)
        return
    if not actions.attempt(run.pk):
        return
    try:
        with TemporaryDirectory() as scratch:
            _attend(run, Path(scratch))
    except FileError as error:
        actions.failed(run.pk, error.code, error.words)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("the import %s failed", run.pk)
        actions.failed(run.pk, "internal", {})


def _attend(run: ImportRun, scratch: Path) -> None:
    from gridmap.intake.files import open_file, refusal  # noqa: PLC0415  # GDAL, which only an import needs

    path = kept.upload_of(Path(settings.MEDIA_ROOT), run.file)
    if not run.file or not path.exists():
        raise FileError("import_file_gone")
    sheet = open_file(path, scratch)
    if found := refusal(sheet):
        column, why = found
        actions.failed(run.pk, "refused_column", {"column": column, "why": {"zh": why.zh, "en": why.en}})
    elif run.state == ImportState.UPLOADED:
        actions.looked(run.pk, _look(run, sheet))
    else:
        _take(run, sheet)


def _look(run: ImportRun, sheet: "Sheet") -> actions.Seen:
    coordinates.check_crs(sheet.crs)
    kind = KINDS[run.kind]
    first = list(islice(sheet.rows(), MEASURED))
    count, shapes = 0, any(row.shape for row in first)
    for row in sheet.rows():
        count = row.number
    guess = columns.guess(kind, sheet.columns)
    look = columns.shown(sheet.columns, (row.cells for row in first[:LOOKED_AT]), guess.values())
    return actions.Seen(
        form=sheet.form, encoding=sheet.encoding, columns=sheet.columns, rows=count, crs=sheet.crs, shapes=shapes, look=look,
        guess={"columns": guess, "fixed": columns.guess_fixed(kind, guess), **_reference(run, sheet, guess, first)},
    )  # fmt: skip


def _reference(run: ImportRun, sheet: "Sheet", guess: dict[str, str], first: list[Any]) -> dict[str, Any]:
    """What the coordinates seem to be. Of degrees the datum cannot be seen: unless a name says it, it is asked for."""
    hint = columns.hint_of_datum(sheet.columns)
    if "x" not in guess or "y" not in guess:
        return {"reference": hint, "swapped": False}
    at = [sheet.columns.index(guess[axis]) for axis in ("x", "y")]
    numbers = [[coordinates.number(row.cells[one]) for one in at] for row in first if row.cells]
    found = coordinates.guess(np.array(numbers, dtype=float).reshape(-1, 2), queries.centre_of(run.area_code))
    if found is None or found.reference == "wgs84":
        return {"reference": hint, "swapped": found.swapped if found else False}
    return {"reference": found.reference, "swapped": found.swapped}


def _take(run: ImportRun, sheet: "Sheet") -> None:
    given = run.mapping
    reading = Reading(
        run.kind, given["columns"], given["fixed"], given["reference"] or "wgs84", given["swapped"], run.crs
    )
    judge = Judge(reading, sheet.columns, queries.named_departments())
    checking = run.state == ImportState.CHECKING
    if checking:
        actions.begin_check_again(run.pk)
    memory = import_rows.Memory() if checking else None
    after, ends = 0 if checking else run.position, time.monotonic() + LONGEST_S
    rows = sheet.rows(after)
    while some := list(islice(rows, import_rows.AT_ONCE)):
        last = some[-1].number
        if not import_rows.take(run.pk, after, last, *judge.rows(some), memory):
            return
        after = last
        if not checking and time.monotonic() > ends:
            work_import.enqueue("", 0, str(run.pk))
            return
    import_rows.ended(run.pk, ImportState.CHECKED if checking else ImportState.DONE)


def _undo(run: UUID) -> None:
    position: Callable[[], int] = ImportRun.objects.filter(pk=run).values_list("position", flat=True).get
    ends = time.monotonic() + LONGEST_S
    while import_undo.undo(run, position()):
        if time.monotonic() > ends:
            work_import.enqueue("", 0, str(run))
            return


def resume_imports() -> int:
    """Queue again the imports whose worker was killed; returns how many."""
    lost = actions.without_worker()
    for run in lost:
        work_import.enqueue("", 0, str(run))
    return len(lost)
