"""What the worker does: webhooks, imports (`imports.py`), proposals of cells (`cells.py`).

Other systems are told of events. The clock looks every few seconds for what was not told yet."""

import time
from uuid import UUID

from django.conf import settings
from django_tasks import task

from gridmap import events, sending
from gridmap.actions import hooks as actions
from gridmap.jobs.cells import cut_plan
from gridmap.jobs.imports import work_import
from gridmap.models import Hook, HookAttempt
from gridmap.queries import hooks as queries

LONGEST_S = 30.0  # then the other jobs have their turn


@task()
def deliver(hook_id: str, number: int) -> int:
    """Tell one webhook what it was not told yet, in order per stream, until one message fails; how many were taken."""
    hook, taken, ends = actions.begin(UUID(hook_id), number), 0, time.monotonic() + LONGEST_S
    if hook is None:
        return 0
    for part in queries.behind(hook):
        taken_here, going_on = _stretch(hook, number, part, ends)
        taken += taken_here
        if not going_on:
            break
    actions.release(hook.pk, number)
    return taken


def _stretch(hook: Hook, number: int, part: queries.Stretch, ends: float) -> tuple[int, bool]:
    found = queries.entries(hook, part)
    for taken, entry in enumerate(found):
        told = _send(hook, entry.message, entry.text)
        if not actions.note(hook.pk, number, entry, told) or time.monotonic() > ends:
            return taken + told.ok, False
    if len(found) < queries.AT_ONCE:
        actions.pass_over(hook.pk, number, part)
    return len(found), True


def _send(hook: Hook, message: str, text: str) -> sending.Told:
    signed_with, inside = queries.secrets(hook), settings.HOOK_NETWORKS
    return sending.send(hook.url, secrets=signed_with, message=message, body=text.encode(), inside=inside)


@task()
def deliver_asked(stream: str, seq: int, hook_id: str) -> int:
    """Send what was asked for: a test, or a message once more. It changes nothing of what is told by itself.

    What is left when the time is over is sent by the jobs that come after: there is one for each that was asked for.
    """
    sent, ends = 0, time.monotonic() + LONGEST_S
    asked = HookAttempt.objects.filter(hook_id=UUID(hook_id), asked=True, at__isnull=True).order_by("pk")
    for attempt in asked.select_related("hook"):
        text, hook = queries.text_of(attempt), attempt.hook
        told = _send(hook, attempt.message, text) if text is not None else sending.Told(None, "no_longer_kept", 0)
        actions.answered(attempt, told)
        sent += told.ok
        if time.monotonic() > ends:
            break
    return sent


def start_deliveries() -> int:
    """Queue a delivery for each webhook that has something to be told; a lost one is queued again when its lease ends."""
    queued = 0
    for hook in queries.waiting():
        number = actions.lease(hook.pk)
        if number is not None:
            deliver.enqueue(str(hook.pk), number)
            queued += 1
    return queued


def subscribe() -> None:
    events.on("hook.asked", deliver_asked)
    events.on("cells.asked", cut_plan)
    for step in ("uploaded", "checking", "running", "undoing"):
        events.on(f"import.{step}", work_import)
