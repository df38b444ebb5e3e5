"""One server and one database for all tests of the live channel; what they write stays, so each makes its own cases."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, connections

from scripts.support.processes import Redis, Server, granian
from tests import factories
from tests.live.site import Site


@pytest.fixture(scope="session")
def site_name(django_db_blocker: Any) -> Iterator[str]:
    """A database with the tiny town, apart from the one whose tests roll back."""
    name = f"live_{os.getpid()}"
    params = {
        key: value
        for key, value in connection.settings_dict.items()
        if key in ("HOST", "PORT", "USER", "PASSWORD") and value
    }
    server = psycopg2.connect(dbname="postgres", **{key.lower(): value for key, value in params.items()})
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"create database {name}")
        yield name
        cursor.execute(f"drop database {name} with (force)")
    server.close()


@pytest.fixture(scope="session")
def site_town(site_name: str, django_db_blocker: Any) -> factories.Town:
    with django_db_blocker.unblock():
        usual = _switch(site_name)
        call_command("migrate", verbosity=0)
        town = factories.town()
        _switch(usual)
    return town


@pytest.fixture(scope="session")
def site_env(site_name: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{site_name}").geturl()
    return {"DATABASE_URL": address, "GRIDMAP_ENV": "test", "GRIDMAP_VAR": str(tmp_path_factory.mktemp("var"))}


@pytest.fixture(scope="session")
def site_server(site_env: dict[str, str], site_town: factories.Town) -> Iterator[Server]:
    server = granian(site_env | {"GRIDMAP_RECHECK_S": "2"})
    yield server
    server.stop()


@pytest.fixture
def site(site_server: Server, site_town: factories.Town, site_name: str, django_db_blocker: Any) -> Iterator[Site]:
    """The server and its town; `gridmap.actions` in this test write into its database, and commit."""
    with django_db_blocker.unblock():
        usual = _switch(site_name)
        yield Site(site_server, site_town)
        _switch(usual)


@pytest.fixture(scope="session")
def site_redis() -> Iterator[Redis]:
    redis = Redis()
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
def media(site_env: dict[str, str]) -> Path:
    return Path(site_env["GRIDMAP_VAR"]) / "media"


def _switch(name: str) -> str:
    """Let this process use another database; returns the name of the one before."""
    connections.close_all()
    before: str = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    return before
