"""GET /api/events: everything after a cursor, in order, in pages, or a reset that says why it cannot be continued."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap import actions, queries
from gridmap.models import Area, StreamEvent, StreamHead
from tests.factories import COMMUNITY, OTHER_CELL, OTHER_STREET, STREET, Caller, Town

Cursors = dict[str, tuple[str, int]]


def read(caller: Caller, since: Cursors | None = None, limit: int | None = None) -> dict[str, Any]:
    asked = [f"since={stream}:{epoch}:{seq}" for stream, (epoch, seq) in (since or {}).items()]
    answer = caller.get("/events?" + "&".join(asked + ([f"limit={limit}"] if limit else [])))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def cursors(answer: dict[str, Any]) -> Cursors:
    return {stream: (cursor["epoch"], cursor["seq"]) for stream, cursor in answer["cursors"].items()}


def same_moments(card: dict[str, Any]) -> dict[str, Any]:
    """A card with its times to the millisecond, as the API gives them: the log is exact to the microsecond."""

    def cut(moment: str | None) -> str | None:
        return moment and datetime.fromisoformat(moment).isoformat(timespec="milliseconds")

    return card | {name: cut(card[name]) for name in ("reported_at", "due_at")}


def epoch(stream: str = STREET) -> str:
    return StreamHead.objects.get(pk=stream).epoch


def beginning(caller: Caller) -> Cursors:
    return {stream: (epoch, 0) for stream, (epoch, _) in cursors(read(caller)).items()}


def test_without_a_cursor_there_is_the_head_and_nothing_before_it(town: Town) -> None:
    town.worker.report()
    answer = read(town.director)
    assert answer["events"] == answer["reset"] == []
    assert answer["more"] is False
    assert cursors(answer) == {STREET: (epoch(), StreamHead.objects.get(pk=STREET).seq)}


def test_after_a_cursor_comes_what_happened_since_and_nothing_else(town: Town) -> None:
    town.worker.report()
    at = cursors(read(town.director))
    card = town.acceptor.act(town.worker.report(), "file")
    answer = read(town.director, at)
    assert [event["kind"] for event in answer["events"]] == ["incident.reported", "incident.filed"]
    assert [event["seq"] for event in answer["events"]] == [at[STREET][1] + 1, at[STREET][1] + 2]
    last = answer["events"][-1]
    assert same_moments(last["payload"]) | {"replayed": False} == same_moments(card)
    assert (last["object"], last["version"], last["area"]) == (card["id"], 2, card["area"])
    assert read(town.director, cursors(answer))["events"] == []


def test_an_event_has_the_shape_that_the_openapi_document_promises(town: Town) -> None:
    from pydantic import TypeAdapter

    from gridmap import events

    at = beginning(town.director)
    town.acceptor.act(town.worker.report(), "decline", reason="重复")
    actions.put_areas([Area(code=COMMUNITY, name="新名")])
    answer = read(town.director, at)
    assert len(answer["events"]) > 5
    for event in answer["events"]:
        TypeAdapter(events.union()).validate_python(event)


def test_a_snapshot_with_its_cursor_and_the_events_since_make_the_next_snapshot(town: Town) -> None:
    town.worker.report()
    before = town.director.get("/incidents?limit=200").json()
    cards = {card["id"]: same_moments(card) for card in before["items"]}
    first = town.acceptor.act(town.worker.report(), "file")
    town.dispatcher.act(first, "assign", department=town.sanitation.pk)
    town.worker.report(self_handled=True)
    answer = read(town.director, cursors(before))
    for event in answer["events"]:
        if (
            event["kind"].startswith("incident.")
            and event["version"] > cards.get(event["object"], {"version": 0})["version"]
        ):
            cards[event["object"]] = same_moments(event["payload"])
    after = town.director.get("/incidents?limit=200").json()
    assert cards == {card["id"]: same_moments(card) for card in after["items"]}
    assert cursors(after) == cursors(answer)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 40), start=st.integers(0, 12))
def test_paging_to_the_end_gives_all_of_both_streets_each_once_and_in_order(town: Town, limit: int, start: int) -> None:
    district = Caller(actions.put_user("wang", name="Wang"))
    from gridmap.models import Role

    actions.grant(district.user, Role.DIRECTOR, "990101")
    if StreamEvent.objects.count() < 30:
        for _ in range(6):
            town.worker.report()
            town.other_worker.report(cell=OTHER_CELL)
    at = {stream: (e, start) for stream, (e, _) in cursors(read(district)).items()}
    whole = read(district, at)["events"]
    paged: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"more": True}
    while answer["more"]:
        answer = read(district, at, limit)
        assert len(answer["events"]) <= limit
        assert answer["events"] or not answer["more"]
        paged += answer["events"]
        at = cursors(answer)
    assert paged == whole
    for stream in (STREET, OTHER_STREET):
        numbers = [event["seq"] for event in whole if event["stream"] == stream]
        assert numbers == sorted(set(numbers))
        assert at[stream][1] == StreamHead.objects.get(pk=stream).seq


def test_a_stream_that_is_not_hers_is_passed_over_in_silence(town: Town) -> None:
    town.worker.report()
    answer = read(town.other_director, {STREET: (epoch(), 0), "510502001": ("x", 7)})
    assert STREET not in answer["cursors"]
    assert answer["reset"] == []
    assert {event["stream"] for event in answer["events"]} <= {OTHER_STREET}


# --- what cannot be continued ---


def reset(caller: Caller, since: Cursors) -> list[dict[str, str]]:
    answer = read(caller, since)
    found: list[dict[str, str]] = answer["reset"]
    if found:
        assert answer["events"] == []
        head = StreamHead.objects.get(pk=STREET)
        assert cursors(answer)[STREET] == (head.epoch, head.seq)  # from here on it goes on
    return found


def test_a_cursor_of_another_epoch_is_reset(town: Town) -> None:
    assert reset(town.director, {STREET: ("other", 0)}) == [{"stream": STREET, "reason": "epoch"}]


def test_a_cursor_ahead_of_the_log_is_reset(town: Town) -> None:
    head = StreamHead.objects.get(pk=STREET)
    assert reset(town.director, {STREET: (head.epoch, head.seq + 1)}) == [{"stream": STREET, "reason": "ahead"}]
    assert reset(town.director, {STREET: (head.epoch, head.seq)}) == []


def test_a_cursor_before_what_is_kept_is_reset(town: Town) -> None:
    head = StreamHead.objects.get(pk=STREET)
    assert head.seq > 4
    StreamHead.objects.filter(pk=STREET).update(min_seq=4)
    StreamEvent.objects.filter(stream=STREET, seq__lt=4).delete()
    assert reset(town.director, {STREET: (head.epoch, 2)}) == [{"stream": STREET, "reason": "purged"}]
    assert reset(town.director, {STREET: (head.epoch, 3)}) == []  # the next one, 4, is still there


def test_a_cursor_too_far_behind_is_reset(town: Town) -> None:
    head = StreamHead.objects.get(pk=STREET)
    most = queries.REPLAY_LIMIT
    StreamHead.objects.filter(pk=STREET).update(seq=head.seq + most)
    assert reset(town.director, {STREET: (head.epoch, head.seq - 1)}) == [{"stream": STREET, "reason": "too_far"}]
    assert reset(town.director, {STREET: (head.epoch, head.seq)}) == []


@pytest.mark.parametrize(
    "since",
    [
        "",
        "990101001",
        "990101001:x",
        "990101001:x:",
        "990101001:x:-1",
        "990101001:x:1.5",
        "990101001:x:²",
        "x:y:1",
        ":::",
        "9901010:x:1",
        "990101001:x:" + "9" * 5000,
    ],
)
def test_a_cursor_of_another_form_is_refused_by_name(town: Town, since: str) -> None:
    answer = town.director.get(f"/events?since={since}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert set(answer.json()["fields"]) == {"since"}


@pytest.mark.parametrize("limit", ["0", "2001", "x", "-1"])
def test_a_limit_is_bounded(town: Town, limit: str) -> None:
    assert town.director.get(f"/events?limit={limit}").status_code == 422


def test_reading_costs_the_same_however_much_is_read(town: Town, django_assert_num_queries: Any) -> None:
    at = beginning(town.director)
    for _ in range(10):
        town.worker.report()
    with django_assert_num_queries(4):  # who asks, her grants, the heads, the events of the one stream
        read(town.director, at)
