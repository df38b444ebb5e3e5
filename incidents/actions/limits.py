"""How often something may be done from one place. Addresses are not kept: only a count under a digest with the day's salt.

Each rule is (times, seconds) of `settings.PUBLIC_LIMITS`, counted in fixed stretches of time. The salt of a day is random and
is deleted with its last count: then nobody can find out any more whose count it was.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from gridmap.errors import ProblemError
from incidents.models import Count, Salt

TAKE = """insert into incidents_count (bucket, times, ends_at) values (%s, 1, %s)
    on conflict (bucket) do update set times = incidents_count.times + 1 returning times"""


def take(rule: str, subject: str) -> None:
    """Count one more of `rule` for this subject; `too_many` with the time to come again once the limit is passed.

    It counts before anything is looked at, so any number of attempts at the same moment are counted too.
    """
    most, _ = settings.PUBLIC_LIMITS[rule]
    bucket, ends_at = _bucket(rule, subject)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [bucket, ends_at])
        (times,) = cursor.fetchone()
    if times > most:
        wait = max(1, round((ends_at - timezone.now()).total_seconds()))
        raise ProblemError(
            "too_many",
            detail={"again_at": ends_at.isoformat(), "retry_after": wait},
            again=f"{timezone.localtime(ends_at):%H:%M}",
        )


def give_back(rule: str, subject: str) -> None:
    """Take back what was counted: it was no attempt at guessing."""
    with connection.cursor() as cursor:
        cursor.execute("update incidents_count set times = times - 1 where bucket = %s", [_bucket(rule, subject)[0]])


def forget() -> int:
    """Delete the counts whose time is over, and the salts of past days; returns how many counts."""
    Salt.objects.filter(day__lt=timezone.now().astimezone(UTC).date() - timedelta(days=1)).delete()
    return Count.objects.filter(ends_at__lt=timezone.now()).delete()[0]


def _bucket(rule: str, subject: str) -> tuple[str, datetime]:
    """The name of the count that runs now, and when it ends."""
    seconds = settings.PUBLIC_LIMITS[rule][1]
    began = int(timezone.now().timestamp()) // seconds * seconds
    start = datetime.fromtimestamp(began, UTC)
    salt, _ = Salt.objects.get_or_create(day=start.date(), defaults={"salt": secrets.token_bytes(32)})
    name = hmac.new(bytes(salt.salt), f"{rule}\n{subject}\n{began}".encode(), hashlib.sha256).hexdigest()
    return name, start + timedelta(seconds=seconds)
