"""Writes events at a steady rate, each in a transaction of its own by the statement that every write ends in.

A program of its own: `python -m scripts.benchmarks.publisher`. The time of each commit goes to standard output.
"""

import argparse
import asyncio
import json
import random
import socket
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from gridmap import events  # noqa: E402
from gridmap.models import Department, User  # noqa: E402
from incidents.events import Card  # noqa: E402
from scripts.benchmarks import town  # noqa: E402

Forward = Callable[[str], None]


def draft(number: int, department: int, reporter: int) -> events.Draft:
    """A case as a street office meets it: Chinese names, a place, a deadline."""
    cell = random.choice(town.CELLS)  # noqa: S311  # which cell it is protects nothing
    case = str(uuid.uuid4())
    now = datetime.now(UTC)
    card = Card(
        id=case, number=f"{now:%y%m%d}-{number}", class_key="GB30428.2-2013/event/0110", title="暴露垃圾", title_en="Exposed litter",
        domain="event", state="assigned", level="street", area=cell, area_name="第一网格", lon=105.4412, lat=28.8731, urgent=False,
        department=department, department_name="环境卫生管理所", source="patrol", reported_at=now, due_at=now, overdue=False,
        stage=None, stage_name=None, stage_name_en=None, version=3, photo=None,
    )  # fmt: skip
    return events.Draft(
        kind="incident.assigned", area_code=cell, object_id=case, version=3, payload=card,
        departments=(department,), persons=(reporter,),
    )  # fmt: skip


def text_of(sent: events.Draft, stream: str, seq: int) -> str:
    """The event as the log gives it, in about as many bytes: what the references send."""
    card = sent.payload.model_dump_json()
    head = f'"stream" : "{stream}", "seq" : {seq}, "kind" : "{sent.kind}", "at" : "{datetime.now(UTC).isoformat()}", '
    rest = f'"area" : "{sent.area_code}", "object" : "{sent.object_id}", "version" : {sent.version}, "payload" : {card}'
    return f"[{{{head}{rest}}}]"


def forward_to(target: str) -> Forward:
    """How a reference hears of an event after its commit: "" not at all, a datagram, or a Channels layer."""
    if target == "":
        return lambda text: None
    if target.startswith("/"):
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sender.connect(target)
        return lambda text: sender.sendall(text.encode())
    from channels.layers import get_channel_layer  # noqa: PLC0415  # only this reference has one

    layer, loop = get_channel_layer(), asyncio.new_event_loop()
    return lambda text: loop.run_until_complete(layer.group_send(target, {"type": "event", "text": text}))


def publish(rate: float, count: int, forward: Forward) -> list[tuple[int, float]]:
    """Commit `count` events, one every 1/rate seconds; (seq, monotonic seconds just before its commit) of each."""
    department, reporter = Department.objects.get().pk, User.objects.get(username="bench-reporter")
    commits = []
    start = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, start + number / rate - time.monotonic()))
        sent = draft(number, department, reporter.pk)
        with transaction.atomic():
            stream, seq = events.record(sent, reporter)
            at = time.monotonic()
        forward(text_of(sent, stream, seq))
        commits.append((seq, at))
    return commits


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--forward", default="")
    asked = parser.parse_args()
    assert settings.configured
    json.dump(publish(asked.rate, asked.count, forward_to(asked.forward)), sys.stdout)


if __name__ == "__main__":
    main()
