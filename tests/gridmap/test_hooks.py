"""Webhooks: an administrator has another system told of events, each at least once, in order, and nothing beyond her areas."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from standardwebhooks import Webhook, WebhookVerificationError

from gridmap import actions as kernel
from gridmap import jobs
from gridmap.actions import hooks as actions
from gridmap.models import Hook, HookAttempt, HookReached, Inbox, Role, StreamEvent, StreamHead
from gridmap.queries import hooks as queries
from scripts.support.processes import ROOT
from tests import factories
from tests.factories import CELL, DISTRICT, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET, Caller, Town
from tests.gridmap.conftest import Receiver


def add(caller: Caller, url: str, *, expect: int = 201, **changes: Any) -> dict[str, Any]:
    body = {"id": str(uuid4()), "name": "区平台", "url": url, "area": STREET, "kinds": []} | changes
    answer = caller.post("/hooks", body)
    assert answer.status_code == expect, answer.content
    found: dict[str, Any] = answer.json()
    return found


def work() -> None:
    """What the clock starts, done by a worker."""
    jobs.start_deliveries()
    for row in DBTaskResult.objects.filter(status="READY").order_by("enqueued_at"):
        if row.task_path.startswith("gridmap.jobs."):
            getattr(jobs, row.task_path.rpartition(".")[2]).func(*row.args_kwargs["args"])
            DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")


def later() -> None:
    """As if every wait were over."""
    Hook.objects.update(next_at=None, leased_until=None)


def told(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in receiver.got]


def test_what_happens_is_told_in_order_signed_and_as_the_log_has_it(town: Town, receiver: Receiver) -> None:
    town.worker.report()
    made = add(town.administrator, receiver.url)
    card = town.acceptor.act(town.worker.report(), "file")
    town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    work()
    assert [event["kind"] for event in told(receiver)] == ["incident.reported", "incident.filed", "incident.assigned"]
    log = town.director.get(f"/events?since={STREET}:{epoch()}:0").json()["events"]
    assert [event for event in log if event["kind"].startswith("incident.")][-3:] == told(receiver)
    assert [Webhook(made["secret"]).verify(body, headers) for headers, body in receiver.got] == told(receiver)
    work()
    assert len(receiver.got) == 3


def epoch() -> str:
    return StreamHead.objects.get(pk=STREET).epoch


def test_only_its_area_and_its_kinds_are_told_and_no_word_of_anybody(town: Town, receiver: Receiver) -> None:
    add(town.administrator, receiver.url, area=CELL, kinds=["incident.reported", "incident.noted"])
    card = town.worker.report(description="李四门口", address="望江路9号")
    town.second_worker.report(cell=NEXT_CELL)
    town.other_worker.report(cell=OTHER_CELL)
    town.worker.act(card, "note", text="住户王五在家")
    town.acceptor.act(town.acceptor.detail(card), "file")
    work()
    assert [(e["kind"], e["object"]) for e in told(receiver)] == [
        ("incident.reported", card["id"]),
        ("incident.noted", card["id"]),
    ]
    sent = b"".join(body for _, body in receiver.got).decode()
    assert [word for word in ("李四", "王五", "望江路", "Alice") if word in sent] == []


def test_grants_and_webhooks_themselves_are_told_to_nobody(town: Town, receiver: Receiver) -> None:
    add(town.administrator, receiver.url)
    kernel.grant(town.worker.user, Role.WORKER, NEXT_CELL)
    assert not {kind for kind in queries.kinds() if kind.startswith(("grant.", "hook."))}
    work()
    assert told(receiver) == []
    add(town.administrator, receiver.url, kinds=["grant.changed"], expect=422)


def test_one_that_fails_is_told_again_later_in_order_and_under_the_same_id(town: Town, receiver: Receiver) -> None:
    add(town.administrator, receiver.url)
    first, second = town.worker.report(), town.worker.report()
    receiver.answer = 500
    work()
    assert len(receiver.got) == 1  # the second waits for the first
    work()
    assert len(receiver.got) == 1  # and both for their time
    hook = Hook.objects.get()
    assert (hook.tries, hook.active) == (1, True)
    assert hook.next_at is not None
    receiver.answer = 204
    later()
    work()
    assert [e["object"] for e in told(receiver)] == [first["id"], first["id"], second["id"]]
    assert receiver.messages[0] == receiver.messages[1] != receiver.messages[2]
    assert (Hook.objects.get().tries, Hook.objects.get().failing_since) == (0, None)


@pytest.mark.parametrize(("answer", "days", "off"), [(500, 2, ""), (500, 3, "failing"), (410, 0, "gone")])
def test_who_fails_for_days_or_says_it_is_gone_is_switched_off_and_everyone_who_manages_it_is_told(
    town: Town, receiver: Receiver, answer: int, days: int, off: str, caplog: pytest.LogCaptureFixture
) -> None:
    made = add(town.administrator, receiver.url)
    town.worker.report()
    Hook.objects.update(failing_since=timezone.now() - timedelta(days=days) if days else None)
    receiver.answer = answer
    work()
    assert town.administrator.get("/hooks").json()["hooks"][0]["off"] == off
    said = StreamEvent.objects.filter(kind="hook.switched_off", object_id=made["id"])
    assert said.count() == len([line for line in caplog.records if line.levelname == "ERROR"]) == (1 if off else 0)
    later()
    work()
    assert len(receiver.got) == (1 if off else 2)


def test_switched_on_again_it_is_told_what_happened_meanwhile(town: Town, receiver: Receiver) -> None:
    made = add(town.administrator, receiver.url)
    wanted = {"name": "区平台", "url": receiver.url, "kinds": []}
    change(town.administrator, made, wanted | {"active": False, "version": 1})
    town.worker.report()
    work()
    assert told(receiver) == []
    change(town.administrator, made, wanted | {"active": True, "version": 1}, expect=409)
    change(town.administrator, made, wanted | {"active": True, "version": 2})
    work()
    assert len(told(receiver)) == 1


def change(caller: Caller, made: dict[str, Any], body: dict[str, Any], expect: int = 200) -> None:
    answer = caller.put(f"/hooks/{made['id']}", {"mutation_id": str(uuid4()), **body})
    assert answer.status_code == expect, answer.content


def test_a_test_and_one_of_the_last_messages_are_sent_when_asked_for(town: Town, receiver: Receiver) -> None:
    made = add(town.administrator, receiver.url)
    town.worker.report()
    work()
    attempt = town.administrator.get(f"/hooks/{made['id']}").json()["attempts"][0]
    assert (attempt["status"], attempt["kind"]) == (204, "incident.reported")
    for again in (attempt["id"], None):
        body = {"mutation_id": str(uuid4()), "attempt": again}
        answers = [town.administrator.post(f"/hooks/{made['id']}/ask", body).json() for _ in range(2)]
        assert answers[1]["replayed"]
        work()
    assert receiver.messages[0] == receiver.messages[1]
    assert told(receiver)[0] == told(receiver)[1]
    assert told(receiver)[2] == {"kind": "hook.test"}
    assert (
        town.administrator.post(f"/hooks/{made['id']}/ask", {"mutation_id": str(uuid4()), "attempt": 0}).status_code
        == 404
    )


def test_the_last_hundred_answers_are_kept(town: Town, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "KEPT", 3)
    add(town.administrator, receiver.url)
    for _ in range(5):
        town.worker.report()
    work()
    assert (len(receiver.got), HookAttempt.objects.count()) == (5, 3)


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://10.0.0.1/", "https://u:p@example.org/", "nonsense", "\x00", ""]
)
def test_an_address_that_is_none_is_refused_at_once(town: Town, url: str) -> None:
    add(town.administrator, url, expect=422)
    assert Hook.objects.count() == 0


def test_only_networks_that_the_operator_named_are_told(town: Town, receiver: Receiver, settings: Any) -> None:
    add(town.administrator, receiver.url)
    town.worker.report()
    settings.HOOK_NETWORKS = [ip_network("10.1.0.0/16")]  # this machine is not among them, as in production
    add(town.administrator, "http://10.1.2.3/hook")
    add(town.administrator, "https://10.2.0.1/hook", expect=422)
    add(town.administrator, receiver.url, expect=422)
    Hook.objects.exclude(url=receiver.url).delete()
    work()
    assert receiver.got == []
    assert HookAttempt.objects.get().trouble == "forbidden_address"


def kept() -> str:
    """All that is stored but the webhooks themselves: answers, jobs, the log, what was tried."""
    rows = (Inbox, DBTaskResult, StreamEvent, HookAttempt, HookReached)
    return repr([list(model.objects.values()) for model in rows])


def test_a_secret_is_shown_once_and_stands_nowhere_else(
    town: Town, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"id": str(uuid4()), "name": "区平台", "url": f"{receiver.url}?key=of-theirs", "area": STREET}
    first, again = (town.administrator.post("/hooks", body).json() for _ in range(2))
    assert first["secret"].startswith("whsec_")
    assert (again["replayed"], again["secret"]) == (True, None)
    town.worker.report()
    with caplog.at_level("INFO"):
        work()
    assert len(receiver.got) == 1
    shown = [town.administrator.get(path).content.decode() for path in ("/hooks", f"/hooks/{first['id']}", "/events")]
    assert [text for text in [*shown, kept(), caplog.text] if first["secret"] in text or "whsec_" in text] == []
    assert "of-theirs" not in caplog.text + kept()


def test_after_a_new_secret_messages_carry_both_signatures_for_a_day(town: Town, receiver: Receiver) -> None:
    made, body = add(town.administrator, receiver.url), {"mutation_id": str(uuid4()), "version": 1}
    renewed, again = (town.administrator.post(f"/hooks/{made['id']}/secret", body).json() for _ in range(2))
    assert (again["replayed"], again["secret"]) == (True, None)
    assert renewed["secret"] != made["secret"]
    stale = town.administrator.post(f"/hooks/{made['id']}/secret", body | {"mutation_id": str(uuid4())})
    assert (stale.status_code, stale.json()["code"]) == (409, "hook_changed")
    town.worker.report()
    work()
    for secret in (made["secret"], renewed["secret"]):
        Webhook(secret).verify(receiver.got[0][1], receiver.got[0][0])
    assert StreamEvent.objects.filter(kind="hook.secret_changed", object_id=made["id"]).count() == 1
    Hook.objects.update(old_until=timezone.now())
    town.worker.report()
    work()
    Webhook(renewed["secret"]).verify(receiver.got[1][1], receiver.got[1][0])
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(receiver.got[1][1], receiver.got[1][0])
    assert made["secret"] not in kept()


def test_whoever_sends_while_the_address_changes_stops(town: Town, receiver: Receiver) -> None:
    made = add(town.administrator, receiver.url)
    town.worker.report()
    number = actions.lease(Hook.objects.get().pk)
    assert number is not None
    wanted = {"name": "区平台", "url": receiver.url.replace("/hook", "/new"), "kinds": [], "active": True, "version": 1}
    change(town.administrator, made, wanted)
    assert jobs.deliver.func(made["id"], number) == 0
    assert receiver.got == []
    work()
    assert len(receiver.got) == 1


def test_webhooks_of_other_areas_do_not_exist(town: Town, receiver: Receiver) -> None:
    add(town.administrator, receiver.url, area=OTHER_STREET, expect=403)
    add(town.administrator, receiver.url, area=DISTRICT, expect=403)
    made = add(town.administrator, receiver.url)
    other = Caller(factories.user("next", Role.ADMINISTRATOR, OTHER_STREET))
    assert other.get("/hooks").json()["hooks"] == []
    assert other.get(f"/hooks/{made['id']}").status_code == other.delete(f"/hooks/{made['id']}").status_code == 404
    assert town.administrator.delete(f"/hooks/{made['id']}").status_code == 204
    town.worker.report()
    work()
    assert receiver.got == []


def test_two_workers_never_send_at_once_and_the_one_that_was_slower_stops(town: Town, receiver: Receiver) -> None:
    made = add(town.administrator, receiver.url)
    town.worker.report()
    first = actions.lease(Hook.objects.get().pk)
    assert first is not None
    assert jobs.start_deliveries() == 0
    Hook.objects.update(leased_until=timezone.now())  # it was killed, or takes too long
    second = actions.lease(Hook.objects.get().pk)
    assert second is not None
    assert jobs.deliver.func(made["id"], first) == 0
    assert jobs.deliver.func(made["id"], second) == 1


def test_one_that_waits_long_for_a_worker_is_queued_once_and_told_when_its_turn_comes(
    town: Town, receiver: Receiver
) -> None:
    made = add(town.administrator, receiver.url)
    town.worker.report()
    assert jobs.start_deliveries() == 1
    Hook.objects.update(leased_until=F("leased_until") - timedelta(minutes=10))  # others are slow
    assert jobs.start_deliveries() == 0
    hook = actions.begin(Hook.objects.get().pk, 1)
    assert hook is not None
    assert hook.leased_until is not None
    assert hook.leased_until <= timezone.now() + actions.LEASE  # at work it is not missed for as long
    assert jobs.deliver.func(made["id"], 1) == 1


def test_no_more_than_a_few_messages_wait_because_they_were_asked_for(town: Town, receiver: Receiver) -> None:
    made = add(town.administrator, receiver.url)
    bodies = [{"mutation_id": str(uuid4()), "attempt": None} for _ in range(actions.ASKED + 1)]
    answers = [town.administrator.post(f"/hooks/{made['id']}/ask", body) for body in bodies]
    assert [one.status_code for one in answers] == [200] * actions.ASKED + [409]
    assert answers[-1].json()["code"] == "too_many_asked"
    work()
    assert len(receiver.got) == actions.ASKED
    assert town.administrator.post(f"/hooks/{made['id']}/ask", bodies[-1]).status_code == 200


def test_asked_for_messages_that_take_too_long_are_left_to_the_next_job(
    town: Town, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add(town.administrator, receiver.url)
    for _ in range(2):
        town.administrator.post(f"/hooks/{made['id']}/ask", {"mutation_id": str(uuid4()), "attempt": None})
    monkeypatch.setattr(jobs, "LONGEST_S", -1.0)
    assert [jobs.deliver_asked.func(STREET, 0, made["id"]) for _ in range(3)] == [1, 1, 0]


KILLED = """import django; django.setup()
from gridmap import jobs
import sys; jobs.deliver.func(sys.argv[1], int(sys.argv[2]))"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_between_sending_and_noting_it_tells_again_under_the_same_id(
    receiver: Receiver,
) -> None:
    town = factories.town()
    made = add(town.administrator, receiver.url)
    town.worker.report()
    number = actions.lease(Hook.objects.get().pk)
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    env = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "gridmap.settings"}
    worker = subprocess.Popen([sys.executable, "-c", KILLED, made["id"], str(number)], cwd=ROOT, env=env)

    def kill(_: object) -> int:
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        return 204

    receiver.answer = kill
    assert worker.wait(60) == -signal.SIGKILL
    receiver.answer = 204
    assert jobs.start_deliveries() == 0  # it may still be at work
    later()
    work()
    assert len(receiver.got) == 2
    assert receiver.messages[0] == receiver.messages[1]
    assert Hook.objects.get().reached.get(stream=STREET).seq == StreamEvent.objects.filter(stream=STREET).count()
