"""The product as people meet it: its real processes, on a database of its own with the demo town."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings

from scripts.support.processes import ROOT, Server, granian

Env = dict[str, str]


def _sql(*statements: str) -> None:
    base = settings.DATABASES["default"]
    conn = psycopg2.connect(
        host=base["HOST"],
        user=base["USER"],
        password=base["PASSWORD"] or None,
        dbname="postgres",
        port=base["PORT"] or None,
    )
    conn.autocommit = True
    with conn.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    conn.close()


@contextmanager
def database(name: str, template: str = "") -> Iterator[str]:
    """A database of this test process, empty or a copy of another one's; its address for DATABASE_URL."""
    mine = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    copied = f" template {urlsplit(template).path[1:]}" if template else ""
    _sql(f"drop database if exists {mine} with (force)", f"create database {mine}{copied}")
    yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{mine}").geturl()
    _sql(f"drop database if exists {mine} with (force)")


@pytest.fixture(scope="session")
def demo_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Env]:
    """The environment of a product with the demo town, to be copied: nothing runs on it."""
    with database("town") as address:
        env = {"DATABASE_URL": address, "GRIDMAP_ENV": "demo", "GRIDMAP_VAR": str(tmp_path_factory.mktemp("product")),
               "GRIDMAP_PERSON_DATA": "on"}  # fmt: skip
        for command in ("migrate", "seed"):
            subprocess.run([sys.executable, "manage.py", command, "-v0"], cwd=ROOT, env=os.environ | env, check=True)
        yield env


@contextmanager
def running(env: Env, logs: Path) -> Iterator[Server]:
    """The product: web, worker and clock."""
    with ExitStack() as stack:
        for name, command in {"worker": ["db_worker", "--interval", "0.3"], "clock": ["tick", "--loop"]}.items():
            log = stack.enter_context((logs / name).open("wb"))
            process = subprocess.Popen(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=os.environ | env, stdout=log, stderr=log
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        server = granian(env)
        stack.callback(server.stop)
        yield server


@pytest.fixture(scope="session")
def product_env(demo_town: Env) -> Iterator[Env]:
    """The environment of the product that tests share."""
    with database("e2e", demo_town["DATABASE_URL"]) as address:
        yield demo_town | {"DATABASE_URL": address}


@pytest.fixture(scope="session")
def product(product_env: Env, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running product that tests share."""
    with running(product_env, tmp_path_factory.mktemp("logs")) as server:
        yield server
