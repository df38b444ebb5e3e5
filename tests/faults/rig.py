"""The product as the Procfile starts it, on a PostgreSQL and a Redis of its own, and what can be killed of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import psycopg2

from gridmap.live.ear import NAME
from scripts.support.processes import ROOT, Cluster, Redis, free_port, kill, tree, wait_until

SEND_AWAY = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = 'app'"
EARS = f" and application_name = '{NAME}'"


class Rig:
    """One site: database, web, worker and clock under one supervisor, with Redis as the bell if asked."""

    def __init__(self, *, with_redis: bool, seed: int) -> None:
        self.cluster = Cluster()
        self.cluster.start()
        self.database = self.cluster.database("faults")
        self.redis = Redis() if with_redis else None
        self.random = random.Random(seed)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.cluster.folder / "server.log"
        self.honcho: subprocess.Popen[bytes] | None = None
        self.killed: list[str] = []

    def env(self) -> dict[str, str]:
        own = {
            "DATABASE_URL": self.database, "GRIDMAP_VAR": str(self.cluster.folder), "GRIDMAP_ENV": "test", "HOST": "127.0.0.1",
            "PORT": str(self.port), "GRIDMAP_WORKERS": "2", "GRIDMAP_SERVED_FROM": str(self.cluster.folder), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        return os.environ | own | ({"REDIS_URL": self.redis.url} if self.redis else {})

    def start(self) -> None:
        """Start everything; returns when the site is healthy."""
        if self.redis:
            self.redis.start()
        with self.log.open("wb") as log:
            command = [
                str(Path(sys.executable).parent / "honcho"),
                "-f",
                "Procfile",
                "start",
                "web",
                "worker",
                "clock",
                "db",
            ]
            self.honcho = subprocess.Popen(
                command, cwd=ROOT, env=self.env(), stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self.healthy, "healthy")

    def healthy(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/healthz", timeout=2, trust_env=False).status_code == httpx.codes.OK
        return False

    def stop(self) -> None:
        """End everything and remove its folders."""
        if self.honcho:
            self.honcho.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.honcho.wait(15)
            for pid in tree(self.honcho.pid)[::-1]:
                kill(pid)
            self.honcho.wait()
        self.cluster.end_ours()
        if self.redis:
            self.redis.stop()
        self.cluster.stop()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    # --- victims ---

    def pids(self, *words: str) -> list[int]:
        """Processes of the site whose command line holds all words."""
        assert self.honcho
        found = []
        for pid in tree(self.honcho.pid):
            with suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                if all(word in command for word in words) and "scripts/keep" not in command:
                    found.append(pid)
        return found

    def kill_web_worker(self) -> None:
        """One of the two web processes; its parent starts another."""
        workers = self.pids("granian")[1:]
        if workers:
            kill(self.random.choice(workers))

    def kill_web(self) -> None:
        for pid in self.pids("granian"):
            kill(pid)

    def kill_worker(self) -> None:
        for pid in self.pids("db_worker"):
            kill(pid)

    def kill_clock(self) -> None:
        for pid in self.pids("manage.py", "tick"):
            kill(pid)

    def cut_ears(self) -> None:
        """The database's side of the connections on which the hubs listen."""
        with suppress(psycopg2.Error):
            self._sql(SEND_AWAY + EARS)

    def cut_all(self) -> None:
        """The database's side of every connection."""
        with suppress(psycopg2.Error):
            self._sql(
                "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = 'app'"
            )

    def kill_database(self) -> None:
        with suppress(OSError, ValueError):
            kill(self.cluster.postmaster)

    def restart_redis(self) -> None:
        if self.redis:
            self.redis.kill()
            time.sleep(self.random.uniform(0.1, 2))
            self.redis.start()

    def strike(self) -> str:
        """Kill something at random; returns what."""
        victims: list[tuple[int, Callable[[], None]]] = [
            (4, self.kill_web_worker), (1, self.kill_web), (2, self.kill_worker), (1, self.kill_clock), (4, self.cut_ears),
            (1, self.cut_all), (1, self.kill_database), (5 if self.redis else 0, self.restart_redis),
        ]  # fmt: skip
        blow = self.random.choices([act for _, act in victims], [weight for weight, _ in victims])[0]
        self.killed.append(blow.__name__)
        blow()
        return blow.__name__

    def _sql(self, statement: str) -> None:
        address = urlsplit(self.database)
        conn = psycopg2.connect(
            host=unquote(address.hostname or ""), user=address.username, dbname=address.path[1:], connect_timeout=2
        )
        try:
            conn.autocommit = True
            with conn.cursor() as cursor:
                cursor.execute(statement)
        finally:
            conn.close()
