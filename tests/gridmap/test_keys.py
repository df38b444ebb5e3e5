"""The master keys: a file outside of the database, changed without losing anything, whenever it is killed."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from gridmap import keyfile
from gridmap.actions import keys as actions
from gridmap.actions.persons import _wait_for_name
from gridmap.models import PersonKey, ServedPerson
from gridmap.queries import persons as queries
from gridmap.vault import VaultError
from scripts.support.processes import ROOT
from tests import factories
from tests.factories import Caller, Town
from tests.gridmap.test_settings import start
from tests.persons import listed, put_person, reveal
from tests.threads import meeting, until_they_wait

T = TypeVar("T")


@pytest.fixture
def keys(settings: Any, tmp_path: Path) -> Path:
    """Keys of this test alone."""
    settings.KEYS_FILE = tmp_path / "keys" / "persons"
    keyfile.make(settings.KEYS_FILE)
    found: Path = settings.KEYS_FILE
    return found


def served(town: Town, number: int, family: str = "张") -> dict[str, str]:
    """So many people, by id their names."""
    made = [put_person(town.community.user, name=f"{family}{n:02}", phone="") for n in range(number)]
    return {str(person.pk): f"{family}{n:02}" for n, person in enumerate(made)}


def names(caller: Caller, people: dict[str, str]) -> dict[str, str]:
    """What opens of them now."""
    return {pk: reveal(caller, {"id": pk, "version": 1}, fields=["name"])["values"]["name"] for pk in people}


def masters() -> set[str]:
    return actions.used()


def test_the_file_is_its_owners_alone_and_made_once(keys: Path) -> None:
    text = keys.read_text()
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert keyfile.make(keys) is False
    assert keys.read_text() == text
    assert [line.split()[0] for line in text.splitlines()] == ["k1", "index"]


def test_a_rotation_loses_nothing_and_what_is_new_is_locked_by_the_new_key(town: Town, keys: Path) -> None:
    people = served(town, 5)
    assert masters() == {"k1"}
    call_command("rotate_keys", "--new", "--batch", "2")
    assert masters() == {"k2"}
    assert names(town.community, people) == people
    people |= served(town, 1, "李")
    assert actions.drop() == ["k1"]
    assert names(town.community, people) == people
    assert town.community.post("/persons/care/search", {"name": "张03"}).json()["people"][0]["name"] == "张*"


def test_values_and_indexes_stay_as_they_are(town: Town, keys: Path) -> None:
    served(town, 3)
    before = list(ServedPerson.objects.order_by("pk").values())
    call_command("rotate_keys", "--new", "--drop")
    assert list(ServedPerson.objects.order_by("pk").values()) == before


def test_a_backup_from_before_opens_with_the_forgotten_key_alone(town: Town, keys: Path) -> None:
    [pk] = served(town, 1)
    backup = PersonKey.objects.get(person__id=UUID(pk)).locked
    old = keyfile.read(keys)
    call_command("rotate_keys", "--new", "--drop")
    with pytest.raises(VaultError, match="'k1' is not among the keys"):
        queries.ring().unlock(backup, pk)
    assert old.unlock(backup, pk) == queries.ring().unlock(PersonKey.objects.get(person__id=UUID(pk)).locked, pk)


def test_a_key_that_locks_something_is_not_forgotten(town: Town, keys: Path) -> None:
    people = served(town, 2)
    actions.add()
    assert actions.relock(batch=1).done == 1
    assert masters() == {"k1", "k2"}
    assert actions.drop() == []
    assert names(town.community, people) == people


def test_a_missing_master_key_is_named_and_nothing_is_changed(town: Town, keys: Path) -> None:
    served(town, 1)
    before = PersonKey.objects.get().locked
    keys.write_text(keys.read_text().replace("k1 ", "k9 "))
    with pytest.raises(CommandError, match="'k1' is not among the keys"):
        call_command("rotate_keys")
    assert PersonKey.objects.get().locked == before
    assert [row["closed"] for row in listed(town.community)] == [True]


def test_keys_that_cannot_be_opened_hold_up_no_other_and_are_named(town: Town, keys: Path) -> None:
    people = served(town, 5)
    damaged, foreign, *others = sorted(people)
    locked = PersonKey.objects.get(person__id=UUID(damaged)).locked
    PersonKey.objects.filter(person__id=UUID(damaged)).update(locked=f"{locked[:-8]}AAAAAAA=")
    PersonKey.objects.filter(person__id=UUID(foreign)).update(locked=f"k7:{locked[3:]}")
    with pytest.raises(CommandError, match="2 persons cannot be opened") as caught:
        call_command("rotate_keys", "--new", "--drop", "--batch", "2")
    assert [pk in str(caught.value) for pk in sorted(people)] == [True, True, False, False, False]
    assert masters() == {"k1", "k2", "k7"}
    assert [line.split()[0] for line in keys.read_text().splitlines()] == ["k2", "k1", "index"]
    assert names(town.community, {pk: people[pk] for pk in others}) == {pk: people[pk] for pk in others}


def test_indexes_are_reckoned_anew_by_the_rules_of_today(town: Town, keys: Path) -> None:
    people = served(town, 3)
    known = list(ServedPerson.objects.order_by("pk").values("name_index", "changed_at"))
    ServedPerson.objects.filter(pk__in=list(people)[:2]).update(name_index=b"x" * 16)
    call_command("rotate_keys", "--reindex", "--batch", "2")
    assert list(ServedPerson.objects.order_by("pk").values("name_index", "changed_at")) == known
    assert actions.reindex().done == 0


def test_without_a_file_the_command_says_so(db: None, keys: Path) -> None:
    keys.unlink()
    with pytest.raises(CommandError, match="No such file"):
        call_command("rotate_keys", "--new")


@pytest.mark.django_db(transaction=True)
def test_a_master_key_is_not_forgotten_while_somebody_is_registered_under_it(keys: Path) -> None:
    town = factories.town()
    index = queries.ring().blind("care", "name", "张三")

    def alone(work: Callable[[], T]) -> T:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            _wait_for_name(index)  # the registration has read the keys and waits for its turn
            registering = pool.submit(alone, lambda: put_person(town.community.user, name="张三"))
            until_they_wait(registering, 1)
            assert not registering.done()
            rotating = pool.submit(alone, lambda: call_command("rotate_keys", "--new", "--drop"))
            until_they_wait(rotating, 2)
        person, _ = registering.result(60), rotating.result(60)
    assert masters() == {"k2"}
    assert names(town.community, {str(person.pk): "张三"}) == {str(person.pk): "张三"}


@pytest.mark.django_db(transaction=True)
def test_two_who_add_a_master_key_at_once_add_two(keys: Path) -> None:
    town = factories.town()
    people = served(town, 3)
    meeting(
        lambda: actions._lock("pg_advisory_xact_lock"),
        lambda: call_command("rotate_keys", "--new"),
        lambda: keyfile.add(keys),
    )
    assert [line.split()[0] for line in keys.read_text().splitlines()] == ["k3", "k2", "k1", "index"]
    assert (masters(), names(town.community, people)) == ({"k3"}, people)


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_the_next_run_goes_on_and_nothing_is_lost(keys: Path) -> None:
    town = factories.town()
    people = served(town, 40)
    name = connections["default"].settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    command = [sys.executable, "manage.py", "rotate_keys", "--new", "--batch", "1"]
    env = os.environ | {"DATABASE_URL": address, "GRIDMAP_KEYS": str(keys), "GRIDMAP_PERSON_DATA": "on"}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("3 locked"):
            process.kill()
            break
    process.stdout.close()
    process.wait()
    assert masters() == {"k1", "k2"}
    assert names(town.community, people) == people
    call_command("rotate_keys")
    assert masters() == {"k2"}
    assert names(town.community, people) == people


# --- the start


@pytest.mark.parametrize("path", [None, "/nowhere/keys"])
def test_production_with_person_data_and_no_keys_does_not_start(path: str | None) -> None:
    run = start("import gridmap.settings", {"GRIDMAP_PERSON_DATA": "on", "GRIDMAP_KEYS": path})
    assert run.returncode != 0
    assert "GRIDMAP_KEYS" in run.stderr.strip().splitlines()[-1]


def test_production_starts_with_keys_or_without_person_data(keys: Path) -> None:
    program = "from gridmap import settings; print(settings.PERSON_DATA)"
    on = start(program, {"GRIDMAP_PERSON_DATA": "on", "GRIDMAP_KEYS": str(keys)})
    assert (on.returncode, on.stdout) == (0, "True\n"), on.stderr
    assert start(program, {}).stdout == "False\n"


def test_it_is_off_unless_somebody_turns_it_on() -> None:
    program = "from gridmap import settings; print(settings.PERSON_DATA)"
    assert start(program, {"GRIDMAP_ENV": "demo"}).stdout == "False\n"
