"""Writes of webhooks: what administrators do, and what a worker notes of each message. Whoever sends holds a lease."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gridmap import access, events, sending
from gridmap.actions import Answer, Done, once
from gridmap.errors import ProblemError
from gridmap.models import Area, Hook, HookAttempt, HookReached, Off, StreamHead, User
from gridmap.queries import hooks as queries
from gridmap.queries import in_reach
from gridmap.queries.hooks import Entry, Stretch

log = logging.getLogger(__name__)
MOST = 50  # webhooks of one installation
KEPT = 100  # attempts of one webhook
ASKED = 5  # of them that wait to be sent because somebody asked
LEASE = timedelta(minutes=2)  # longer than any message takes; it is renewed with each
QUEUED = timedelta(hours=1)  # longer than a delivery waits for a worker behind all other slow ones
BOTH = timedelta(days=1)  # after a new secret the one before is signed with too


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an administrator fills in."""

    name: str
    url: str
    kinds: Sequence[str]

    def check(self) -> None:
        """Raise what is wrong with it."""
        try:
            sending.checked(self.url, settings.HOOK_NETWORKS)
        except sending.AddressError:
            raise ProblemError("bad_address", fields={"url": "bad_address"}) from None
        unknown = sorted(set(self.kinds) - set(queries.kinds()))
        if unknown:
            raise ProblemError("invalid", fields={"kinds": ", ".join(unknown)})


def add(actor: User, wanted: Wanted, *, hook_id: UUID, area_code: str) -> Answer:
    """Tell an address of all that happens in an area from now on. The first answer alone holds the secret."""
    access.require(actor, "hook.manage", area_code)
    wanted.check()
    if not Area.objects.filter(pk=area_code, valid_to__isnull=True).exists():
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    if Hook.objects.count() >= MOST and not Hook.objects.filter(pk=hook_id).exists():
        raise ProblemError("too_many_hooks", most=MOST)
    request, secret = {"hook": asdict(wanted), "area": area_code}, sending.new_secret()
    return _shown_once(once(actor, hook_id, request, lambda: _add(wanted, hook_id, area_code, secret)), secret)


def _shown_once(given: Answer, secret: str) -> Answer:
    """Put the secret beside what is kept of an answer: a repeat finds it nowhere."""
    return given if given.replayed else Answer(given.body | {"secret": secret}, replayed=False)


def _add(wanted: Wanted, hook_id: UUID, area_code: str, secret: str) -> Done:
    hook = Hook.objects.create(
        id=hook_id,
        name=wanted.name,
        url=wanted.url,
        kinds=list(wanted.kinds),
        area_code=area_code,
        secret=secret,
    )
    heads = [head for head in StreamHead.objects.all() if in_reach(head.stream, [area_code])]
    HookReached.objects.bulk_create([HookReached(hook=hook, stream=h.stream, epoch=h.epoch, seq=h.seq) for h in heads])
    return _done(hook, "hook.added")


def _done(hook: Hook, kind: str) -> Done:
    return Done({"id": str(hook.pk), "version": hook.version}, _draft(hook, kind))


def _draft(hook: Hook, kind: str) -> events.Draft:
    return events.Draft(
        kind=kind,
        area_code=hook.area_code,
        object_id=str(hook.pk),
        version=hook.version,
        payload=events.HookNow(active=hook.active),
    )


def change(actor: User, hook_id: UUID, wanted: Wanted, *, active: bool, version: int, mutation_id: UUID) -> Answer:
    """Store what was filled in, and switch on or off; `hook_changed` if somebody was faster.

    What happened while it was off is told when it is switched on again, as far as the log goes back.
    """
    wanted.check()
    request = {"hook": hook_id, "wanted": asdict(wanted), "active": active, "version": version}
    return once(actor, mutation_id, request, lambda: _change(actor, hook_id, wanted, active, version))


def _change(actor: User, hook_id: UUID, wanted: Wanted, active: bool, version: int) -> Done:
    hook = _seen(actor, hook_id, version)
    hook.name, hook.url, hook.kinds = wanted.name, wanted.url, list(wanted.kinds)
    hook.off = Off.NO if active else hook.off or Off.BY_HAND
    hook.version += 1
    hook.tries, hook.failing_since, hook.next_at = 0, None, None
    hook.lease, hook.leased_until = hook.lease + 1, None  # whoever sends at this moment is to read it anew
    hook.save()
    return _done(hook, "hook.changed")


def renew(actor: User, hook_id: UUID, *, version: int, mutation_id: UUID) -> Answer:
    """Give a new secret, which the first answer alone holds; for a day messages are signed with the one before too."""
    secret = sending.new_secret()
    request = {"renew": hook_id, "version": version}
    return _shown_once(once(actor, mutation_id, request, lambda: _renew(actor, hook_id, version, secret)), secret)


def _renew(actor: User, hook_id: UUID, version: int, secret: str) -> Done:
    hook = _seen(actor, hook_id, version)
    hook.old_secret, hook.old_until, hook.secret = hook.secret, timezone.now() + BOTH, secret
    hook.version += 1
    hook.save(update_fields=["secret", "old_secret", "old_until", "version"])
    return _done(hook, "hook.secret_changed")


def _managed(actor: User, hook_id: UUID) -> Hook:
    hook = queries.get(actor, hook_id, lock=True)
    access.require(actor, "hook.manage", hook.area_code)
    return hook


def _seen(actor: User, hook_id: UUID, version: int) -> Hook:
    hook = _managed(actor, hook_id)
    if hook.version != version:
        raise ProblemError("hook_changed")
    return hook


def remove(actor: User, hook_id: UUID) -> None:
    """Tell the address nothing any more, and forget it."""
    with transaction.atomic():
        hook = _managed(actor, hook_id)
        draft = _draft(hook, "hook.removed")
        hook.delete()
        events.record(draft, actor)


def ask(actor: User, hook_id: UUID, *, attempt_id: int | None, mutation_id: UUID) -> Answer:
    """Have a worker send a test, or one of the last messages once more under its own id; `too_many_asked` while five wait."""
    request = {"ask": hook_id, "attempt": attempt_id}
    return once(actor, mutation_id, request, lambda: _ask(actor, hook_id, attempt_id, mutation_id))


def _ask(actor: User, hook_id: UUID, attempt_id: int | None, mutation_id: UUID) -> Done:
    hook = _managed(actor, hook_id)
    again = hook.attempts.filter(pk=attempt_id).first() if attempt_id is not None else None
    if attempt_id is not None and again is None:
        raise ProblemError("not_found")
    if hook.attempts.filter(asked=True, at__isnull=True).count() >= ASKED:
        raise ProblemError("too_many_asked", most=ASKED)
    HookAttempt.objects.create(
        hook=hook, asked=True, message=again.message if again else f"test_{mutation_id.hex}",
        stream=again.stream if again else "", seq=again.seq if again else 0, kind=again.kind if again else queries.TEST,
    )  # fmt: skip
    return _done(hook, "hook.asked")


# --- what a worker does


def lease(hook_id: UUID) -> int | None:
    """Take the right to send, for whoever begins to within a while; None when another has it. Who had it before has it no more."""
    now = timezone.now()
    free = Hook.objects.filter(pk=hook_id, off=Off.NO).exclude(leased_until__gt=now)
    if not free.update(lease=F("lease") + 1, leased_until=now + QUEUED):
        return None
    return Hook.objects.values_list("lease", flat=True).get(pk=hook_id)


def begin(hook_id: UUID, number: int) -> Hook | None:
    """The webhook, to be told from now on under a short lease; None when the right is another's by now, or it is off."""
    mine = Hook.objects.filter(pk=hook_id, lease=number, off=Off.NO)
    mine.update(leased_until=timezone.now() + LEASE)
    return mine.first()


def release(hook_id: UUID, number: int) -> None:
    """Give the right to send back."""
    Hook.objects.filter(pk=hook_id, lease=number).update(leased_until=None)


@transaction.atomic
def note(hook_id: UUID, number: int, entry: Entry, told: sending.Told) -> bool:
    """Keep what became of a message; what was taken is not told again. False when this worker is to stop."""
    hook = Hook.objects.select_for_update().filter(pk=hook_id, lease=number).first()
    if hook is None:  # removed, or another worker sends
        return False
    _attempt(hook, entry, told)
    if not told.ok:
        _failed(hook, told)
        return False
    _reach(hook, entry.stream, entry.epoch, entry.seq)
    hook.tries, hook.failing_since, hook.next_at, hook.leased_until = 0, None, None, timezone.now() + LEASE
    hook.save(update_fields=["tries", "failing_since", "next_at", "leased_until"])
    return hook.active


def _attempt(hook: Hook, entry: Entry, told: sending.Told) -> None:
    HookAttempt.objects.create(
        hook=hook, message=entry.message, stream=entry.stream, seq=entry.seq, kind=entry.kind, at=timezone.now(),
        status=told.status, trouble=told.trouble, took_ms=told.took_ms,
    )  # fmt: skip
    old = hook.attempts.exclude(at=None).order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1]
    if old:
        hook.attempts.filter(pk__lte=old[0], at__isnull=False).delete()


def _failed(hook: Hook, told: sending.Told) -> None:
    """Try again later; who fails for days, or says that it is gone, is switched off, and an event says so."""
    now = timezone.now()
    hook.tries, hook.failing_since = hook.tries + 1, hook.failing_since or now
    hook.next_at = now + sending.wait_after(hook.tries)
    if told.status == sending.GONE or now - hook.failing_since >= sending.GIVE_UP:
        hook.off, hook.version = Off.GONE if told.status == sending.GONE else Off.FAILING, hook.version + 1
    hook.save()
    if not hook.active:
        log.error("webhook %s (%s) is told nothing any more until it is switched on: %s", hook.pk, hook.name, hook.off)
        events.record(_draft(hook, "hook.switched_off"), None)


def pass_over(hook_id: UUID, number: int, part: Stretch) -> None:
    """Note that the rest of a stretch is not for this webhook."""
    with transaction.atomic():
        hook = Hook.objects.select_for_update().filter(pk=hook_id, lease=number).first()
        if hook:
            _reach(hook, part.stream, part.epoch, part.head)


def _reach(hook: Hook, stream: str, epoch: str, seq: int) -> None:
    HookReached.objects.update_or_create(hook=hook, stream=stream, defaults={"epoch": epoch, "seq": seq})


def answered(attempt: HookAttempt, told: sending.Told) -> None:
    """Keep what became of a message that was asked for."""
    HookAttempt.objects.filter(pk=attempt.pk).update(
        at=timezone.now(), status=told.status, trouble=told.trouble, took_ms=told.took_ms
    )
