"""What happens is on every screen that may show it within a second, and on no other; snapshot and events make the picture."""

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone
from shapely import box

from gridmap import queries
from gridmap.actions import put_areas
from gridmap.actions.cells import NewCell, recut
from gridmap.live import consumer, ear, hub
from gridmap.models import Area, Role, StreamEvent, StreamHead
from incidents.actions import end_suspensions, expire_questions, mark_overdue, mark_parts_overdue
from incidents.events import KINDS
from incidents.models import Incident, JoinedReport, Question, Request, Run
from tests import factories
from tests.factories import CELL, COMMUNITY, LID, MATTER, NEXT_CELL, OTHER_CELL, OTHER_STREET, PLACES, STREET, photo
from tests.incidents import residents
from tests.live.site import Client, Site, in_loop, in_thread, new_user
from tests.world import STAGES


@in_loop
async def test_a_report_is_on_the_screen_within_a_second(site: Site) -> None:
    async with site.clients("worker", "director") as [worker, director]:
        for _ in range(5):
            card = await worker.report()
            await director.sees(card, seconds=1)
            await worker.sees(card, seconds=1)
            assert director.live.cards[card["id"]] == (await director.fresh())[card["id"]]
        assert director.kinds == ["incident.reported"] * 5
        assert director.live.catch_ups <= 1


@in_loop
async def test_each_hears_what_she_may_see_and_no_more(site: Site) -> None:
    names = [
        "worker",
        "second_worker",
        "acceptor",
        "handler",
        "gardener",
        "community",
        "planner",
        "other_director",
        "other_worker",
    ]
    async with site.clients(*names, "dispatcher") as everyone:
        clients = dict(zip([*names, "dispatcher"], everyone, strict=True))
        card = await clients["worker"].report()
        filed = await clients["acceptor"].act(card, "file")
        assigned = await clients["dispatcher"].act(filed, "assign", department=site.town.sanitation.pk)
        for name in ("worker", "acceptor", "dispatcher", "handler", "community"):
            await clients[name].sees(assigned)
        await asyncio.sleep(0.3)
        heard = {name: client.kinds for name, client in clients.items()}
    chain = ["incident.reported", "incident.filed", "incident.assigned"]
    assert heard["worker"] == heard["acceptor"] == heard["dispatcher"] == heard["community"] == chain
    assert heard["handler"] == ["incident.assigned"]
    assert heard["second_worker"] == heard["gardener"] == heard["planner"] == []
    assert heard["other_director"] == heard["other_worker"] == []


@in_loop
async def test_who_reported_outside_her_cell_hears_of_it_by_name(site: Site) -> None:
    async with site.clients("worker", "second_worker", "acceptor") as [worker, second, acceptor]:
        card = await worker.report(cell=NEXT_CELL)
        filed = await acceptor.act(card, "file")
        await worker.sees(filed)
        await second.sees(filed)
        assert worker.kinds == second.kinds == ["incident.reported", "incident.filed"]


@in_loop
async def test_the_live_channel_and_the_log_tell_each_person_the_same(site: Site) -> None:
    """For every late event and every person: she hears it live exactly if GET /api/events gives it to her."""
    async with site.clients("worker", "other_worker", "acceptor", "dispatcher") as [
        worker,
        other,
        acceptor,
        dispatcher,
    ]:
        card = await worker.report(class_key=LID, condition=1)
        await other.report(cell=OTHER_CELL)
        await dispatcher.act(await acceptor.act(card, "file"), "assign", department=site.town.gardens.pk)
    grants: list[tuple[Role, str]] = [
        (role, area) for role in Role if role != Role.HANDLER for area in (CELL, STREET, "990101", OTHER_STREET)
    ]
    users = [caller.user for caller in site.town.callers.values()]
    users += [(await in_thread(new_user, role, area))[0] for role, area in grants]
    assert await in_thread(_differences, users) == []


def _differences(users: list[Any]) -> list[str]:
    after = {head.stream: max(head.min_seq, head.seq - 500) for head in StreamHead.objects.all()}
    entries = [
        ear.Entry(e.stream, "", e.seq, e.kind, e.area_code, tuple(e.departments), tuple(e.persons), e.object_id, "")
        for e in StreamEvent.objects.all()
        if e.seq > after[e.stream]
    ]
    assert len(entries) > 50
    found = []
    for user in users:
        groups = set(consumer.groups_of_user(user.pk))
        reach = queries.prefixes_of(user)
        live = {
            (e.stream, e.seq) for e in entries if groups & set(hub.groups_of(e)) and queries.in_reach(e.stream, reach)
        }
        heads = queries.heads(user)
        since = queries.events_since(user, {s: (h.epoch, after[s]) for s, h in heads.items()}, 10_000)
        assert not since.reset
        log = {(e["stream"], e["seq"]) for e in map(_parsed, since.events)}
        found += [f"{user.username} {stream} {seq}" for stream, seq in live ^ log]
    return found


def _parsed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


@in_loop
async def test_snapshot_and_events_make_the_picture_of_a_fresh_snapshot_for_every_kind_of_event(site: Site) -> None:
    names = [
        "worker",
        "second_worker",
        "acceptor",
        "dispatcher",
        "handler",
        "gardener",
        "director",
        "community",
        "auditor",
        "other_director",
    ]
    async with site.clients(*names) as everyone:
        town = Town(site, dict(zip(names, everyone, strict=True)))
        await town.live_through_everything()
        others = {"incident.received", "incident.released", "incident.child_added", "incident.child_removed"}
        by_itself = {"incident.moved", "incident.overdue", "incident.part_overdue", "incident.suspension_ended"}
        assert set(KINDS.values()) | others | by_itself <= set(town.people["director"].kinds)
        assert town.steps > 30


class Town:
    """People who act, and after each act agree with a fresh snapshot."""

    def __init__(self, site: Site, people: dict[str, Client]) -> None:
        self.site, self.people, self.steps = site, people, 0

    async def check(self, card: dict[str, Any]) -> dict[str, Any]:
        self.steps += 1
        await self.people["director"].sees(card)
        await asyncio.gather(*(self._agree(name, card) for name in self.people))
        return card

    async def _agree(self, name: str, card: dict[str, Any]) -> None:
        fresh = await self.people[name].fresh()
        if card["id"] in fresh:
            await self.people[name].sees(card)
        assert self.people[name].live.cards == fresh, name

    async def report(self, **what: Any) -> dict[str, Any]:
        return await self.check(await self.people["worker"].report(**what))

    async def do(self, who: str, card: dict[str, Any], action: str, **given: Any) -> dict[str, Any]:
        return await self.check(await self.people[who].act(card, action, **given))

    async def live_through_everything(self) -> None:
        await self._chain()
        await self._side_ways()
        await self._asked()
        await self._matter()
        await self._resident()
        await self._same()
        await self._mistaken()
        await self._cut_anew()
        await self._photo_and_clock()

    async def _chain(self) -> None:
        card = await self.do("acceptor", await self.report(), "file")
        sanitation = self.site.town.sanitation.pk
        card = await self.do("dispatcher", card, "assign", department=sanitation)
        card = await self.do("handler", card, "take")
        card = await self.do("handler", card, "withdraw", reason="误接")
        card = await self.do("handler", card, "return", reason="不属本部门")
        card = await self.do("dispatcher", card, "assign", department=sanitation)
        card = await self.do("dispatcher", card, "withdraw", reason="派错")
        card = await self.do("dispatcher", card, "assign", department=sanitation)
        card = await self.do("handler", card, "handle", text="已清运")
        card = await self.do("worker", card, "verify_repair", outcome="fail", reason="仍有残留")
        card = await self.do("handler", card, "handle", text="再次清运")
        card = await self.do("worker", card, "verify_repair", outcome="pass")
        await self.do("acceptor", card, "close")

    async def _side_ways(self) -> None:
        await self.check(await self.people["worker"].report(self_handled=True))
        await self.do("acceptor", await self.report(), "decline", reason="重复")
        card = await self.report(cell=NEXT_CELL)
        await self.do("worker", await self.report(level="cell"), "self_handle")
        card = await self.do("director", card, "escalate", reason="需区级协调")
        card = await self.do("second_worker", card, "note", text="已围挡")
        citizens = await self.check(await self.people["acceptor"].report(source="citizen"))
        asked = await self.do("acceptor", citizens, "request_verification", person=self.site.town.worker.user.pk)
        refuted = await self.do("worker", asked, "verify_report", outcome="fail", reason="现场无此情况")
        asked = await self.do("acceptor", refuted, "request_verification", person=self.site.town.worker.user.pk)
        await self.do("worker", asked, "verify_report", outcome="pass")

    async def _asked(self) -> None:
        """What a department asks for, and what becomes of it."""
        card = await self.do("acceptor", await self.report(), "file")
        card = await self.do("dispatcher", card, "assign", department=self.site.town.sanitation.pk)
        for outcome in ("fail", "pass"):
            card = await self.do("handler", card, "ask_extension", reason="等配件")
            card = await self.do("dispatcher", card, "endorse_extension", outcome=outcome, reason="请抓紧")
        card = await self.do("director", card, "grant_extension", outcome="pass")
        card = await self._together(card)
        for outcome in ("fail", "pass"):
            card = await self.do("handler", card, "object", reason="不属本部门")
            card = await self.do("director", card, "review_objection", outcome=outcome, reason="已核对")
            if outcome == "fail":
                card = await self._reassigned(card)
        card = await self.do("dispatcher", card, "assign", department=self.site.town.sanitation.pk)
        card = await self.do("handler", card, "ask_suspension", reason="等雨季过去", cause="wrong_season")
        card = await self.do("director", card, "refuse_suspension", reason="可以先做")
        until = str(timezone.localdate() + timedelta(days=30))
        card = await self.do("director", card, "suspend", reason="等雨季过去", cause="wrong_season", until=until)
        await self._let_it_end(await self.do("director", card, "resume", reason="雨季已过"))

    async def _reassigned(self, card: dict[str, Any]) -> dict[str, Any]:
        """One objection to an assignment: the next one is to the next."""
        card = await self.do("dispatcher", card, "withdraw", reason="改派")
        return await self.do("dispatcher", card, "assign", department=self.site.town.sanitation.pk)

    async def _together(self, card: dict[str, Any]) -> dict[str, Any]:
        gardens = self.site.town.gardens.pk
        for step, said in (("decline_part", "reason"), ("finish_part", "text")):
            card = await self.do("director", card, "whistle", parts=[{"department": gardens, "task": "清运枝叶"}])
            card = await self.do("gardener", card, step, **{said: "已说明"})
        card = await self.do("director", card, "whistle", parts=[{"department": gardens, "task": "清运枝叶"}])
        late = timezone.now() - timedelta(days=30)
        await in_thread(Run.objects.filter(deadline__part__end="open").update, started_at=late)
        assert await in_thread(mark_parts_overdue) == 1
        return await self.check((await self.people["director"].fresh())[card["id"]])

    async def _let_it_end(self, card: dict[str, Any]) -> None:
        """A suspension that ends by itself; it is the one of this case, put back."""
        row = Incident.objects.filter(pk=card["id"])
        await in_thread(row.update, state="suspended")
        await in_thread(Run.objects.filter(deadline__incident=card["id"]).update, stopped_at=timezone.now())
        await in_thread(Request.objects.filter(kind="suspension").update, until=timezone.now())
        assert await in_thread(end_suspensions) == 1
        await self.check((await self.people["director"].fresh())[card["id"]])

    async def _register(self) -> dict[str, Any]:
        matter = {"id": str(uuid.uuid4()), "class_key": MATTER, "area": COMMUNITY}
        return await self.check(await self.people["community"].api.post("/matters", matter))

    async def _matter(self) -> None:
        await in_thread(factories.put_procedure, STAGES)
        card = await self.do("director", await self._register(), "approve")
        card = await self.do("director", card, "supplement", reason="缺材料")
        card = await self.do("acceptor", card, "resubmit", text="补齐")
        card = await self.do("acceptor", card, "expedite", reason="无处居住")
        card = await self.do("director", card, "extend", reason="说明")
        card = await self.do("director", card, "send_back", reason="说明")
        card = await self.do("director", card, "approve")
        card = await self.do("director", card, "forward", reason="转办")
        card = await self.do("director", card, "approve")
        await self.do("director", card, "refuse", reason="不符合条件")
        await self.do("director", await self.do("director", await self._register(), "approve"), "finish")
        await in_thread(factories.put_procedure, STAGES, LID)
        await self.do(
            "dispatcher", await self.do("acceptor", await self.report(class_key=LID, condition=1), "file"), "proceed"
        )

    async def _after(self, card: dict[str, Any]) -> dict[str, Any]:
        """The case as it is after what nobody at a desk did."""
        return await self.check((await self.people["director"].fresh())[card["id"]])

    async def _resident(self) -> None:
        body = residents.report()
        held = await self.people["worker"].api.post(f"/public/cells/{CELL}/reports", body)
        receipt = {"number": held["number"], "password": held["password"]}
        card = await self._after(body)
        card = await self.do("acceptor", card, "ask", text="具体在哪里?")
        await self._says("answer", receipt, text="北门")
        card = await self.do("acceptor", await self._after(card), "ask", text="现在还有吗?")
        await in_thread(Question.objects.filter(ended_at=None).update, until="2026-01-01T00:00:00Z")
        await in_thread(expire_questions)
        card = await self._after(card)
        await in_thread(Incident.objects.filter(pk=card["id"]).update, state="closed")
        await self._says("rating", receipt, outcome="not_solved")
        card = await self.do("acceptor", await self._after(card), "reopen")
        (after,) = [
            c for c in await in_thread(list, Incident.objects.filter(receipt_id=body["id"])) if str(c.pk) != card["id"]
        ]
        await in_thread(Incident.objects.filter(pk=after.pk).update, state="closed")
        await self._says("rating", receipt, outcome="not_solved")
        await self.do("acceptor", await self._after({"id": str(after.pk)}), "refuse_reopening", reason="已在计划内")

    async def _says(self, what: str, receipt: dict[str, str], **said: str) -> None:
        await self.people["worker"].api.post(f"/public/receipts/{what}", {"id": str(uuid.uuid4()), **receipt, **said})

    async def _same(self) -> None:
        """One thing, one case: joined, split off, merged, split, put under another and taken out."""
        card = await self.check(await self.people["second_worker"].report(cell=CELL))
        seen = {"lon": card["lon"], "lat": card["lat"], "occurred_at": factories.ago(minutes=1)}
        card = await self.do("worker", card, "join", seen=seen)
        (joined,) = await in_thread(list, JoinedReport.objects.filter(incident=card["id"]))
        card = await self.do("director", card, "split_off", other=str(joined.pk), reason="是另一处")
        other = await self._after({"id": str(joined.pk)})
        other = await self.do("dispatcher", other, "merge", other=card["id"], reason="同一件事")
        await self.do("dispatcher", other, "split", reason="是两件事")
        card = await self._after(card)
        card = await self.do("dispatcher", card, "put_under", other=(await self.report())["id"])
        await self.do("dispatcher", card, "take_out", reason="各办各的")

    async def _mistaken(self) -> None:
        card = await self.do("worker", await self.report(), "correct", correction={"address": "北门"})
        lon, lat = PLACES[NEXT_CELL]
        card = await self.do("worker", card, "correct", correction={"lon": lon, "lat": lat})
        await self.do("worker", card, "retract")

    async def _cut_anew(self) -> None:
        """The cells of a community of its own, so that those of the others stay."""
        community, west, east = f"{STREET}077", box(105.0, 28.03, 105.01, 28.05), box(105.01, 28.03, 105.02, 28.05)
        actor = self.site.town.administrator.user
        border = MultiPolygon(Polygon.from_bbox((105.0, 28.03, 105.02, 28.05)))
        await in_thread(put_areas, [Area(code=community, name="新岸社区", geom=border)])
        await in_thread(recut, actor, community, [NewCell(west.union(east))])
        card = await self.report(lon=105.015, lat=28.04)
        done = await in_thread(recut, actor, community, [NewCell(west), NewCell(east)])
        card = await self._after(card)
        assert (card["area"], done.moved) == (done.codes[1], {"incidents": 1, "people": 0, "register": 0})

    async def _photo_and_clock(self) -> None:
        card = await self.report(class_key=LID, condition=1)
        await self.people["worker"].api.upload(
            f"/incidents/{card['id']}/photos", {"id": str(uuid.uuid4()), "kind": "before"}, photo().read()
        )
        await self.people["director"].sees(card | {"version": card["version"] + 1})
        await self.check((await self.people["director"].fresh())[card["id"]])
        card = await self.do("acceptor", (await self.people["director"].fresh())[card["id"]], "file")
        await in_thread(Incident.objects.filter(pk=card["id"]).update, due_at="2026-01-01T00:00:00Z")
        await in_thread(mark_overdue)
        await self.people["director"].sees(card | {"version": card["version"] + 1})
        await self.check((await self.people["director"].fresh())[card["id"]])
        assert self.people["director"].live.cards[card["id"]]["overdue"]
