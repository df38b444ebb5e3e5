"""Imports into the register, in the worker: a file is opened here and nowhere else."""

import gc
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError
from django_tasks import task

from gridmap import kept
from gridmap.actions import import_rows, import_undo
from gridmap.actions import imports as actions
from gridmap.intake import columns, coordinates
from gridmap.intake.judge import Judge, Reading
from gridmap.intake.sheet import FileError, Row
from gridmap.models import ImportRun, ImportState
from gridmap.queries import imports as queries
from gridmap.register.kinds import KINDS

if TYPE_CHECKING:
    from gridmap.intake.sheet import Sheet

log = logging.getLogger(__name__)
LONGEST_S = 60.0  # then the other jobs have their turn
LOOKED_AT = 20  # rows that are shown
MOST_CHECKED = 200_000  # rows of a dry run: it cannot be cut into pieces, for what it remembers is in this process
MOST_CLASHES = 3  # with others who record the same at the same moment
COLLECTED = 20  # batches; between them nothing is looked for that refers to itself: there is next to none
MEASURED = 500  # rows whose coordinates are looked at


@task()
def work_import(stream: str, seq: int, run_id: str) -> None:
    """Do what an import waits for: look at its file, check or take its rows, take them back. Safe to run twice and at once."""
    run = ImportRun.objects.filter(pk=UUID(run_id)).first()
    if run is None or run.state not in actions.WORKING:
        return
    try:
        if run.state == ImportState.UNDOING:
            _undo(run.pk)
        elif actions.attempt(run.pk):
            with TemporaryDirectory() as scratch:
                _attend(run, Path(scratch))
    except FileError as error:
        actions.failed(run.pk, error.code, error.words)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]  # no message: it may hold an address
        log.error("the import %s failed: %s in %s:%s", run.pk, type(error).__name__, where.filename, where.lineno)
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
    last, shapes = 0, any(row.shape for row in first)
    for row in sheet.rows():
        last = row.number
    guess = columns.guess(kind, sheet.columns)
    look = columns.shown(sheet.columns, (row.cells for row in first[:LOOKED_AT]), guess.values())
    return actions.Seen(
        form=sheet.form, encoding=sheet.encoding, columns=sheet.columns, rows=last, crs=sheet.crs, shapes=shapes, look=look,
        guess={"columns": guess, "fixed": columns.guess_fixed(kind, guess), **_reference(run, sheet, guess, first), "left": sheet.left},
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
    judge = Judge(reading, sheet.columns, queries.named_departments(run.area_code))
    checking = run.state == ImportState.CHECKING
    if checking:
        actions.begin_check_again(run.pk)
    after = 0 if checking else run.position
    gc.freeze()
    gc.disable()
    try:
        _take_rows(run, after, sheet.rows(after), judge)
    finally:
        gc.enable()
        gc.unfreeze()


def _take_rows(run: ImportRun, after: int, rows: Iterator[Row], judge: Judge) -> None:
    checking, ends = run.state == ImportState.CHECKING, time.monotonic() + LONGEST_S
    memory = import_rows.Memory() if checking else None
    for batch in count(1):
        some = list(islice(rows, import_rows.AT_ONCE))
        if not some or (checking and after >= MOST_CHECKED):
            break
        taken = partial(import_rows.take, run.pk, after, some[-1].number, *judge.rows(some), memory)
        if not _unless_others_were_faster(taken):
            return
        after = some[-1].number
        if batch % COLLECTED == 0:
            gc.collect()
        if not checking and time.monotonic() > ends:
            work_import.enqueue("", 0, str(run.pk))
            return
    import_rows.ended(run.pk, ImportState.CHECKED if checking else ImportState.DONE)


def _unless_others_were_faster(work: Callable[[], bool]) -> bool:
    """Do a transaction; where somebody has recorded the same thing meanwhile, once more: now it is known."""
    for left in reversed(range(MOST_CLASHES)):
        try:
            return work()
        except IntegrityError as error:
            said = getattr(error.__cause__, "diag", None)
            if not left or not str(said and said.constraint_name).endswith("_once"):
                raise
    return False


def _undo(run: UUID) -> None:
    position: Callable[[], int] = ImportRun.objects.filter(pk=run).values_list("position", flat=True).get
    ends = time.monotonic() + LONGEST_S
    while _unless_others_were_faster(lambda: import_undo.undo(run, position())):
        if time.monotonic() > ends:
            work_import.enqueue("", 0, str(run))
            return


def resume_imports() -> int:
    """Queue again the imports whose worker was killed; returns how many."""
    lost = actions.without_worker()
    for run in lost:
        work_import.enqueue("", 0, str(run))
    return len(lost)
