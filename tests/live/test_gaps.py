"""A client proves that it missed nothing, and mends what it missed: frames that got lost, breaks, payloads that were dropped."""

import asyncio
from typing import Any

from scripts.support.cursors import Cursors, Frame
from tests.factories import STREET
from tests.live.site import Site, burst, in_loop, in_thread

GROUP = f"incident:{STREET}"


def frame(prev: int, *seqs: int, group: str = GROUP, epoch: str = "e") -> Frame:
    events = [{"stream": STREET, "seq": seq} for seq in seqs]
    return {"type": "events", "group": group, "stream": STREET, "epoch": epoch, "prev": prev, "events": events}


def heads(kind: str, seq: int, epoch: str = "e") -> Frame:
    return {"type": kind, "streams": {STREET: {"epoch": epoch, "seq": seq}}}


def seqs(found: list[dict[str, Any]] | None) -> list[int] | None:
    return None if found is None else [event["seq"] for event in found]


def cursors(seq: int = 10) -> Cursors:
    made = Cursors()
    made.seed({STREET: {"epoch": "e", "seq": seq}})
    assert seqs(made.take([heads("welcome", seq)])) == []
    return made


def test_frames_that_follow_each_other_are_taken_in_order_and_once() -> None:
    own = cursors()
    assert seqs(own.take([frame(10, 11, 13), frame(10, 11, 12, group="person:1")])) == [11, 12, 13]
    assert seqs(own.take([frame(13, 15)])) == [15]
    assert seqs(own.take([frame(12, 15, 16, group="person:1")])) == [16]


def test_a_frame_before_which_something_was_sent_is_a_gap_until_the_log_was_read() -> None:
    own = cursors()
    assert own.take([frame(12, 14)]) is None
    answer = {
        "events": [{"stream": STREET, "seq": n} for n in (12, 14)],
        "cursors": {STREET: {"epoch": "e", "seq": 15}},
    }
    assert own.since() == [f"{STREET}:e:10"]
    assert seqs(own.answered(answer)) == [12, 14]
    assert seqs(own.take([frame(12, 14)])) == []
    assert seqs(own.take([frame(14, 17)])) == [17]


def test_a_heartbeat_moves_the_base_so_that_a_quiet_group_is_no_gap() -> None:
    own = cursors()
    assert own.take([heads("heartbeat", 40)]) == []
    assert seqs(own.take([frame(38, 41)])) == [41]


def test_a_heartbeat_counts_after_the_events_before_it_in_the_same_message() -> None:
    assert seqs(cursors().take([frame(10, 11), heads("heartbeat", 12), frame(11, 13)])) == [11, 13]


def test_a_heartbeat_of_a_process_that_heard_less_moves_nothing_back() -> None:
    own = cursors(10)
    assert own.take([heads("heartbeat", 7)]) == []
    assert own.since() == [f"{STREET}:e:10"]


def test_another_epoch_is_a_gap_wherever_it_shows() -> None:
    for other in (heads("welcome", 3, "new"), heads("heartbeat", 3, "new"), frame(0, 1, epoch="new")):
        assert cursors().take([other]) is None


def test_what_is_still_sent_of_a_stream_that_the_log_no_longer_gives_is_left_aside() -> None:
    own = Cursors()
    own.seed({})
    assert own.take([frame(5, 6)]) is None
    assert own.answered({"events": [], "cursors": {}}) == []
    assert own.take([frame(5, 6)], again=True) == []


def test_a_welcome_beyond_the_base_asks_for_the_log() -> None:
    assert cursors(10).take([heads("welcome", 11)]) is None


@in_loop
async def test_frames_lost_on_the_way_are_noticed_and_read_from_the_log(site: Site) -> None:
    async with site.clients("worker", "director") as [worker, director]:
        count = director.live.catch_ups
        lost: list[Frame] = []

        def lose(one: Frame) -> bool:
            if one["type"] != "events" or len(lost) >= 3:
                return False
            lost.append(one)
            return True

        director.live.drop = lose
        cards = []
        for _ in range(8):
            cards.append(await worker.report())
            await asyncio.sleep(0.15)
        await director.sees(cards[-1])
        assert len(lost) == 3
        assert director.live.catch_ups > count
        assert director.live.cards == await director.fresh()
        assert director.kinds == ["incident.reported"] * 8
        assert director.live.applied == sorted(set(director.live.applied))


@in_loop
async def test_a_break_is_mended_from_where_it_began(site: Site) -> None:
    async with site.clients("worker", "director") as [worker, director]:
        for round_number in range(1, 4):
            director.live.cut()
            cards = [await worker.report() for _ in range(5)]
            for card in cards:
                await director.sees(card)
            assert director.live.connections == round_number + 1
        assert director.live.applied == sorted(set(director.live.applied))
        assert director.kinds == ["incident.reported"] * 15
        assert director.live.resets == 0


@in_loop
async def test_a_burst_arrives_whole_and_in_order(site: Site) -> None:
    async with site.clients("worker", "director", "handler") as [worker, director, handler]:
        card = await worker.report()
        await director.sees(card)
        await in_thread(burst, card, 1500)
        await director.live.until(lambda: director.kinds.count("incident.noted") == 1500, "1,500 events")
        assert director.live.applied == sorted(set(director.live.applied))
        assert handler.kinds == []
