"""The worker is killed in the middle of an import: nothing is doubled, nothing is lost, and it goes on by itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connections
from django.utils import timezone

from gridmap import actions
from gridmap.actions import imports
from gridmap.models import ImportRun, ImportState, PublicObject, Role, StreamEvent, User
from scripts.support.processes import wait_until
from tests import factories
from tests.factories import CELL, COMMUNITY, PLACES
from tests.faults.conftest import NewRig
from tests.faults.rig import Rig

ROWS, BLOWS = 12_000, 2


def test_an_import_whose_worker_is_killed_goes_on_where_it_was(new_rig: NewRig, settings: Any) -> None:
    rig = new_rig(with_redis=False, seed=7)
    settings.MEDIA_ROOT = str(rig.cluster.folder / "media")
    actions.put_areas(factories.areas())
    user = actions.put_user("importer", name="Importer")
    actions.grant(user, Role.COMMUNITY, COMMUNITY)
    connections.close_all()
    rig.start()
    run = _begun(user)
    for _ in range(BLOWS):
        done = run.position
        wait_until(lambda: _now(run).position > done or _now(run).state == ImportState.DONE, "some rows taken", 120)  # noqa: B023
        _kill(rig, run)
    wait_until(lambda: _now(run).state != ImportState.RUNNING, "done", 240)
    assert (run.state, run.made, run.refused, run.position, run.attempts) == (ImportState.DONE, ROWS, 0, ROWS, 0), (
        rig.said()[-4000:]
    )
    told = StreamEvent.objects.filter(kind="register.recorded").values_list("object_id", flat=True)
    assert (PublicObject.objects.count(), len(told), len(set(told))) == (ROWS, ROWS, ROWS)
    assert sum(last - first + 1 for _, first, last in run.written) == ROWS
    assert not list(Path(settings.MEDIA_ROOT, "imports").iterdir())


def _begun(user: User) -> ImportRun:
    lon, lat = PLACES[CELL]
    lines = [f"9901010101{number:06},井盖,{lon},{lat}" for number in range(ROWS)]
    data = "\n".join(["部件编码,名称,经度,纬度", *lines]).encode()
    run_id = uuid4()
    imports.upload(user, run_id, area=COMMUNITY, kind="object", name="井盖.csv", data=data)
    run = ImportRun.objects.get(pk=run_id)
    wait_until(lambda: _now(run).state == ImportState.READY, "looked at", 60)
    wish = imports.Wish(run.guess["columns"], {}, "wgs84")
    imports.step(user, run_id, "start", version=run.version, mutation_id=uuid4(), wish=wish)
    return run


def _now(run: ImportRun) -> ImportRun:
    try:
        run.refresh_from_db()
        return run
    finally:
        connections.close_all()


def _kill(rig: Rig, run: ImportRun) -> None:
    """The worker is gone; the clock queues its import again when there was no sign of it for a while."""
    rig.kill_worker()
    long_ago = timezone.now() - timedelta(hours=1)
    ImportRun.objects.filter(pk=run.pk, state=ImportState.RUNNING).update(touched_at=long_ago)
    connections.close_all()
