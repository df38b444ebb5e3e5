"""The chain of the access log: what is changed, added, taken away or cut off shows; what is old enough goes."""

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gridmap import chain, events
from gridmap.actions.looks import purge_looks, seal_ends
from gridmap.management.commands.tick import tick
from gridmap.models import AccessLook, LookHead, StreamEvent
from gridmap.queries import looks as queries
from gridmap.queries import persons
from tests.factories import CELL, NEXT_CELL, STREET, Town
from tests.gridmap.test_looks import look
from tests.persons import register, reveal
from tests.threads import at_once


def sql(statement: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


# --- the chain


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("words", "'办事'"), ("purpose", "'contact'"), ("user_id", "user_id + 1"), ("at", "at + interval '1 microsecond'"), ("count", "0"),
        ("persons", "'{}'"), ("fields", "'{name}'"), ("action", "'list'"), ("service", "'allowance'"), ("area_code", f"'{NEXT_CELL}'"),
        ("hash", "repeat('0', 64)"), ("prev", "repeat('0', 64)"), ("seq", "seq + 100"),
    ],
)  # fmt: skip
def test_a_changed_column_of_any_row_breaks_the_chain_there(town: Town, column: str, value: str) -> None:
    look(town)
    assert queries.verified(STREET).broken_at is None
    sql(f"update gridmap_accesslook set {column} = {value} where seq = 2")  # noqa: S608  # written out above
    assert queries.verified(STREET).broken_at == 2
    with pytest.raises(CommandError, match=f"{STREET} entry 2"):
        call_command("verify_looks")


@pytest.mark.parametrize(("gone", "at"), [("seq = 1", 1), ("seq = 2", 2), ("seq = 3", 3), ("true", 1)])
def test_a_row_taken_away_breaks_the_chain_be_it_the_last(town: Town, gone: str, at: int) -> None:
    look(town)
    sql(f"delete from gridmap_accesslook where {gone}")  # noqa: S608  # written out above
    assert queries.verified(STREET).broken_at == at


def test_neither_a_forged_row_nor_a_forged_end_passes(town: Town) -> None:
    look(town)
    last = AccessLook.objects.latest("seq")
    forged = chain.linked(b"\0" * 32, last.hash, queries.entry_of(last))
    last.pk, last.seq, last.prev, last.hash = None, 4, last.hash, forged
    last.save()
    assert queries.verified(STREET).broken_at == 4
    LookHead.objects.update(seq=4, hash=forged)
    assert queries.verified(STREET).broken_at == 4
    LookHead.objects.all().delete()
    assert queries.verified(STREET).broken_at is not None


def test_the_latest_entries_are_verified_by_themselves(town: Town) -> None:
    look(town, 5)
    assert queries.verified(STREET, most=2) == queries.Verdict(STREET, 2, None, LookHead.objects.get().hash)
    sql("update gridmap_accesslook set words = 'x' where seq = 2")
    assert queries.verified(STREET, most=3).broken_at is None
    assert queries.verified(STREET, most=4).broken_at == 2
    sql("delete from gridmap_accesslook where seq = 3")
    assert queries.verified(STREET, most=2).broken_at == 4


def test_two_rows_changed_for_one_another_break_the_chain(town: Town) -> None:
    look(town)
    sql("update gridmap_accesslook set seq = case seq when 1 then -2 else -1 end where seq < 3")
    sql("update gridmap_accesslook set seq = -seq where seq < 0")
    assert queries.verified(STREET).broken_at == 1


def test_whole_chains_are_printed_with_their_ends(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    look(town)
    call_command("verify_looks")
    head = LookHead.objects.get()
    assert capsys.readouterr().out == f"{STREET} whole, 3 entries, {head.hash}\n"


def cut_off(after: int) -> None:
    """What somebody does who may write into the database: the end is gone, and the note of it says so too."""
    AccessLook.objects.filter(seq__gt=after).delete()
    last = AccessLook.objects.order_by("-seq").first()
    LookHead.objects.update(seq=after, hash=last.hash) if last else LookHead.objects.all().delete()


@pytest.mark.parametrize("left", [2, 0])
def test_an_end_that_was_told_to_the_log_cannot_be_cut_off_unseen(town: Town, left: int) -> None:
    made = look(town)
    assert (seal_ends(), seal_ends()) == (1, 0)
    told = StreamEvent.objects.get(kind="looks.sealed")
    assert (told.stream, told.area_code, told.payload) == (
        STREET,
        STREET,
        {"seq": 3, "hash": LookHead.objects.get().hash},
    )
    cut_off(left)
    assert queries.verified(STREET).broken_at == left + 1
    assert town.auditor.get("/looks/chains").json()[0]["broken_at"] == left + 1
    with pytest.raises(CommandError, match=f"{STREET} entry {left + 1}"):
        call_command("verify_looks")
    for _ in range(3):  # and not when it has grown again, either
        reveal(town.worker, made, fields=["phone"])
    assert queries.verified(STREET).broken_at == 3
    assert queries.verified(STREET, most=4).broken_at == 3


def test_the_log_is_told_once_an_hour_if_a_chain_has_grown(town: Town) -> None:
    made, now = look(town), timezone.now()
    tick()
    assert [event.payload["seq"] for event in StreamEvent.objects.filter(kind="looks.sealed")] == [3]
    reveal(town.worker, made, fields=["phone"])
    tick()
    assert StreamEvent.objects.filter(kind="looks.sealed").count() == 1
    seen = AccessLook.objects.get(seq=3)
    events.record(sealed(seen, now - timedelta(minutes=59)), None)
    assert seal_ends() == 0
    events.record(sealed(seen, now - timedelta(minutes=61)), None)
    assert (seal_ends(), queries.verified(STREET).broken_at) == (1, None)


def sealed(row: AccessLook, at: datetime) -> events.Draft:
    end = events.EndOfLooks(seq=row.seq, hash=row.hash)
    return events.Draft(kind="looks.sealed", area_code=row.stream, object_id=row.stream, payload=end, at=at)


def test_what_was_printed_before_shows_what_was_cut_off_since(town: Town, tmp_path: Path) -> None:
    made, printed = look(town), tmp_path / "looks.txt"
    with printed.open("w") as out:
        call_command("verify_looks", stdout=out)
    reveal(town.worker, made, fields=["phone"])
    call_command("verify_looks", against=printed, stdout=StringIO())
    cut_off(2)
    call_command("verify_looks", stdout=StringIO())
    with pytest.raises(CommandError, match=f"{STREET} entry 3 of the printout"):
        call_command("verify_looks", against=printed, stdout=StringIO())
    for wrong in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(CommandError, match=r"nowhere|directory"):
            call_command("verify_looks", against=wrong)
    printed.write_text("nothing")
    with pytest.raises(CommandError, match="holds nothing"):
        call_command("verify_looks", against=printed)


def test_without_the_keys_the_command_says_so(town: Town, settings: Any, tmp_path: Path) -> None:
    look(town)
    settings.KEYS_FILE = tmp_path / "gone"
    with pytest.raises(CommandError, match="keys of person data cannot be read"):
        call_command("verify_looks")


@pytest.mark.django_db(transaction=True)
def test_looks_at_the_same_moment_follow_one_another(transactional_db: None) -> None:
    from tests import factories

    town = factories.town()
    made = register(town.worker)
    at_once([lambda: reveal(town.worker, made, fields=["phone"])] * 6)
    assert queries.verified(STREET) == queries.Verdict(STREET, 6, None, LookHead.objects.get().hash)


@given(words=st.text(max_size=20), other=st.text(max_size=20), count=st.integers(0, 5))
def test_equal_entries_have_equal_hashes_and_others_do_not(words: str, other: str, count: int) -> None:
    at, key = timezone.now(), b"k" * 32

    def hashed(said: str, before: str = chain.START) -> str:
        entry = chain.Entry(
            stream=STREET, seq=1, at=at, user=1, action="list", service="care", persons=[], fields=[], purpose="", words=said,
            area_code=CELL, count=count,
        )  # fmt: skip
        return chain.linked(key, before, entry)

    assert (hashed(words) == hashed(other)) == (words == other)
    assert hashed(words) != hashed(words, "1" * 64)


def test_the_key_of_the_chain_outlives_a_rotation(town: Town) -> None:
    from django.conf import settings

    from gridmap import keyfile

    made = look(town)
    before = chain.key_of(persons.ring())
    keyfile.add(settings.KEYS_FILE)
    assert chain.key_of(persons.ring()) == before
    reveal(town.worker, made, fields=["phone"])
    assert queries.verified(STREET).broken_at is None


# --- its beginning


def aged(days: int) -> datetime:
    """The day on which what is written now has this age."""
    return timezone.now() + timedelta(days=days)


def test_looks_that_were_kept_long_enough_go_and_the_chain_stays_whole(town: Town, settings: Any) -> None:
    made, settings.LOOKS_DAYS = look(town), 180
    assert purge_looks(aged(209)) == 0  # it waits for a month of them
    assert purge_looks(aged(211)) == 3
    entry = AccessLook.objects.get()
    assert (entry.seq, entry.action, entry.user, entry.count, entry.words[:2]) == (4, "purge", None, 3, "3 ")
    assert purge_looks() == 0
    reveal(town.worker, made, fields=["phone"])
    assert [queries.verified(STREET, most=most).broken_at for most in (None, 1, 2, 9)] == [None] * 4
    assert town.auditor.get("/looks").json()["looks"][1]["user"] == ""
    assert purge_looks(aged(450)) == 2
    assert queries.verified(STREET) == queries.Verdict(STREET, 1, None, LookHead.objects.get().hash)


def test_a_beginning_that_the_clock_did_not_delete_is_missed(town: Town) -> None:
    made = look(town)
    purge_looks(aged(3000))
    for _ in range(3):
        reveal(town.worker, made, fields=["phone"])
    AccessLook.objects.filter(seq=4).delete()  # the entry that says so
    assert queries.verified(STREET).broken_at == 1
    last = AccessLook.objects.get(seq=5)
    AccessLook.objects.filter(seq=6).update(action="purge", words=chain.kept_after(5, last.hash), user=None)
    assert queries.verified(STREET).broken_at == 6


def test_a_look_of_the_time_that_is_kept_stays(town: Town, settings: Any) -> None:
    look(town)
    settings.LOOKS_DAYS = 180
    AccessLook.objects.filter(seq__lt=3).update(at=timezone.now() - timedelta(days=300))
    assert purge_looks() == 2
    assert list(AccessLook.objects.order_by("seq").values_list("seq", "action")) == [(3, "reveal"), (4, "purge")]
    settings.PERSON_DATA = False
    assert purge_looks(aged(900)) == 0
