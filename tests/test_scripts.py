"""The scripts do what they promise, with real processes: what is killed comes back, what is stopped is gone."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"


def wait_until(holds: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Fail if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether it runs; one that has died but was not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Site:
    """This checkout served from a var folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        outside = ("DATABASE_URL", "REDIS_URL", "GRIDMAP_ENV", "GRIDMAP_SECRET_KEY", "HOST")
        self.env = {name: value for name, value in os.environ.items() if name not in outside}
        self.env |= {"GRIDMAP_VAR": str(var), "PORT": str(self.port)}

    def script(self, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPTS / command[0], *command[1:]],
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def start(self) -> str:
        done = self.script("run", "--detach")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def healthy(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as response:
                return bool(json.load(response)["status"] == "ok")
        except OSError:
            return False

    def processes(self, pattern: str = "") -> list[int]:
        """The server processes of this site whose command line matches."""
        mark = f"GRIDMAP_SERVED_FROM={self.var}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if mark in (process / "environ").read_bytes().split(b"\0") and re.search(pattern, command):
                    found.append(int(process.name))
        return sorted(found)

    def supervisor(self) -> int:
        return int((self.var / "run.pid").read_text())

    def postmaster(self) -> int:
        return int((self.var / "pg/data/postmaster.pid").read_text().split()[0])

    def served_by_another(self, postmasters: list[int]) -> bool:
        """A new postmaster answers. Between the old one's pid file and the new one's there is none, or an empty one."""
        with suppress(FileNotFoundError, IndexError):
            return self.postmaster() not in postmasters and self.healthy()
        return False

    def database(self) -> list[int]:
        """Every process of the private PostgreSQL."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == self.var / "pg/data":
                    found.append(int(process.name))
        return found


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One demo town for all tests here: filling it takes the longest."""
    # Not pytest's own folder, which is private: PostgreSQL runs as another user when we are root, and could not enter it.
    made = Path(mkdtemp(prefix="gridmap-test.", dir="/tmp"))
    made.chmod(0o755)
    yield made
    rmtree(made)


@pytest.fixture
def site(var: Path) -> Iterator[Site]:
    made = Site(var)
    yield made
    assert made.script("stop").returncode == 0


@pytest.mark.slow
def test_a_second_start_takes_seconds_and_a_stop_leaves_nothing(site: Site) -> None:
    first = site.start()
    assert f"http://127.0.0.1:{site.port}" in first
    assert "Demo accounts" in first
    assert "serves already" in site.start()
    assert "runs already" in site.script("run").stderr

    assert site.script("stop").returncode == 0
    assert site.processes() == site.database() == []
    assert not alive(site.supervisor())

    started = time.monotonic()
    site.start()
    assert time.monotonic() - started < 30
    assert site.healthy()


@pytest.mark.slow
def test_whatever_is_killed_comes_back(site: Site) -> None:
    site.start()
    for victim in (
        "bin/granian",
        "^python .*db_worker",
        "^python .*tick",
        "^bash scripts/watch-postgres",
        "scripts/keep python .*tick|^python .*tick",
        "bin/honcho",
    ):
        before = site.processes(victim)
        assert before, victim
        kill(*before)
        wait_until(lambda: set(site.processes(victim)) - set(before), f"{victim} back")  # noqa: B023
        wait_until(site.healthy, f"healthy after {victim}")
        assert not [pid for pid in before if alive(pid)]

    for victims in ([site.postmaster()], site.database()):
        kill(*victims)
        wait_until(lambda: site.served_by_another(victims), "database back")  # noqa: B023


@pytest.mark.slow
def test_the_next_start_recovers_from_a_kill_of_everything_or_of_the_supervisor(site: Site) -> None:
    site.start()
    kill(site.supervisor(), *site.processes(), *site.database())
    site.start()
    assert site.healthy()

    orphans = site.processes()
    kill(site.supervisor())
    site.start()
    assert site.healthy()
    assert not [pid for pid in orphans if alive(pid)]


@pytest.mark.slow
def test_ctrl_c_stops_everything_cleanly(site: Site) -> None:
    server = subprocess.Popen(
        [SCRIPTS / "run"],
        env=site.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert server.stdout
    with server.stdout as said:
        assert any("Ctrl-C ends it" in line for line in said)
        os.killpg(server.pid, signal.SIGINT)
        assert server.wait(90) == 0  # PostgreSQL writes what it has in memory first, and a busy disk takes its time
    assert site.processes() == site.database() == []
    assert "database system is shut down" in (site.var / "pg/log").read_text().splitlines()[-1]


def test_a_port_in_use_is_one_sentence(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.port)):
        refused = site.script("run", "--detach")
    assert refused.returncode == 1
    assert refused.stderr.strip().startswith(f"Port {site.port} is in use by another program: set another")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"HOST": "0.0.0.0", "GRIDMAP_SECRET_KEY": "s" * 50}, "GRANIAN_SSL_CERTIFICATE"),  # noqa: S104
        ({"GRIDMAP_PUBLIC_URL": "https://grid.example"}, "GRIDMAP_SECRET_KEY"),
        ({"GRIDMAP_SECRET_KEY": "s" * 50}, "GRIDMAP_PUBLIC_URL"),
    ],
)
def test_production_says_what_to_set(site: Site, setting: dict[str, str], said: str) -> None:
    refused = site.script("run", "--detach", GRIDMAP_ENV="production", **setting)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_an_unreachable_database_is_one_sentence(site: Site) -> None:
    refused = site.script("run", "--detach", DATABASE_URL="postgres://nobody@127.0.0.1:9/none")
    assert refused.returncode == 1
    assert "Connection refused" in refused.stderr
    assert site.database() == []


def test_a_deep_folder_gets_a_socket_with_a_short_path(site: Site) -> None:
    deep = site.var / ("d" * 90)
    deep.mkdir()
    commands = """
        . scripts/lib.sh; . scripts/postgres.sh
        pg_start "$VAR/pg" >/dev/null; pg_database "$VAR/pg" deep
        "$(pg_bin)/psql" -h "$(pg_socket "$VAR/pg")" -U app deep -tAc 'show fsync'
        pg_stop "$VAR/pg"; rm -r "$(pg_socket "$VAR/pg")"
    """
    done = subprocess.run(
        ["bash", "-euc", commands, SCRIPTS / "run"],
        cwd=ROOT, env=site.env | {"GRIDMAP_VAR": str(deep)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "on"), done.stderr


def test_keep_starts_again_what_ends_and_ends_what_it_left(tmp_path: Path) -> None:
    script = tmp_path / "leaves-a-child"
    script.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! >> {tmp_path}/children\necho $$ >> {tmp_path}/parents\nwait\n")
    script.chmod(0o755)

    def pids(kind: str) -> list[int]:
        file = tmp_path / kind
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    keeper = subprocess.Popen([SCRIPTS / "keep", script], stdout=subprocess.DEVNULL, start_new_session=True)
    wait_until(lambda: len(pids("parents")) == 1, "started")
    kill(pids("parents")[0])
    wait_until(lambda: len(pids("parents")) == 2, "started again")
    assert not alive(pids("children")[0])

    keeper.terminate()
    keeper.wait(10)
    wait_until(lambda: not any(alive(pid) for pid in pids("parents") + pids("children")), "all ended")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-uv.lock"])
def test_locks_name_no_address_and_no_psycopg_3(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^psycopg(\[|==)", text, re.MULTILINE)
    assert text.count("--hash=sha256:") >= len(re.findall(r"^\S+==", text, re.MULTILINE)) > 0
