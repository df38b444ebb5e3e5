"""A site of one's own that may be killed, and the database connection of this process turned to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from tests.faults.rig import Rig

NewRig = Callable[..., Rig]


@pytest.fixture
def new_rig(django_db_blocker: Any) -> Iterator[NewRig]:
    """`new_rig(with_redis=…, seed=…)`: migrated, not yet started; `gridmap.actions` of this test write into its database."""
    with ExitStack() as stack:

        def make(*, with_redis: bool, seed: int) -> Rig:
            rig = Rig(with_redis=with_redis, seed=seed)
            stack.callback(rig.stop)
            stack.enter_context(django_db_blocker.unblock())
            before = dict(connection.settings_dict)
            stack.callback(_turn, before)
            _turn(
                {
                    "HOST": unquote(urlsplit(rig.database).hostname or ""),
                    "NAME": "faults",
                    "USER": "app",
                    "PASSWORD": "",
                    "PORT": "",
                }
            )
            call_command("migrate", verbosity=0)
            settings.REDIS_URL = rig.redis.url if rig.redis else ""
            stack.callback(setattr, settings, "REDIS_URL", "")
            return rig

        yield make


def _turn(params: dict[str, Any]) -> None:
    connections.close_all()
    connection.settings_dict.update(params)
