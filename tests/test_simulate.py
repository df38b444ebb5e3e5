"""The simulation drives the real product, also through the death of its web server, and loses nothing."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from scripts.support.processes import ROOT, Server, free_port, kill, tree, wait_until
from tests.product import Env, database, running

PLAN = ["--workers", "6", "--every", "3", "--think", "0.3"]


@pytest.fixture(scope="module")
def env(demo_town: Env) -> Iterator[Env]:
    """A demo town of one's own: others need theirs as it was."""
    with database("simulated", demo_town["DATABASE_URL"]) as address:
        yield demo_town | {"DATABASE_URL": address}


@pytest.fixture(scope="module")
def site(env: Env, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(env, tmp_path_factory.mktemp("logs")) as server:
        yield server


def simulation(url: str, *more: str) -> "subprocess.Popen[str]":
    """The simulation at work; its standard error goes the way of its output."""
    command = [sys.executable, "-u", "-m", "scripts.simulation", "--url", url, *PLAN, *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def figure(said: str, name: str) -> int:
    """The first number of a line of the table at the end."""
    found = re.search(rf"^{name} +(\d+)", said, re.MULTILINE)
    assert found, said
    return int(found[1])


def rows(env: Env, sql: str) -> list[tuple[object, ...]]:
    conn = psycopg2.connect(env["DATABASE_URL"])
    with conn.cursor() as cursor:
        cursor.execute(sql)
        found = cursor.fetchall()
    conn.close()
    return found


def assert_nothing_is_lost(env: Env, confirmed: Path) -> None:
    """Each confirmed write stands in the log once; each case has its row; the numbers of the log have no gap."""
    written = [tuple(line.split()) for line in confirmed.read_text().splitlines()]
    assert written
    logged = rows(env, "select object_id, object_version::text from gridmap_streamevent where kind like 'incident.%'")
    assert len(set(logged)) == len(logged)
    assert set(written) - set(logged) == set()
    cases = {case for (case,) in rows(env, "select id::text from incidents_incident")}
    assert {case for case, _ in written} - cases == set()
    gaps = "select stream from gridmap_streamevent group by stream having max(seq) - min(seq) + 1 <> count(*)"
    assert rows(env, gaps) == []


def assert_all_went_well(said: str) -> None:
    assert figure(said, "cases opened") > 0
    assert figure(said, "cases closed") > 0
    refusals = re.search(r"^refusals +(.*)$", said, re.MULTILINE)
    assert refusals
    assert set(re.findall(r"(\w+) \d+", refusals[1])) <= {"stale", "wrong_state"}
    assert figure(said, "confirmed, not in the log") == 0
    assert figure(said, "in the log, not on a screen") == 0


@pytest.mark.slow
def test_six_tablets_and_their_office(env: Env, site: Server, tmp_path: Path) -> None:
    run = simulation(site.url, "--minutes", "0.25", "--acknowledged", str(tmp_path / "confirmed"))
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 0, said
    assert_all_went_well(said)
    assert figure(said, "retries") == 0
    assert_nothing_is_lost(env, tmp_path / "confirmed")
    workers = [f"worker{i:02}" for i in range(1, 7)]
    on_duty = rows(env, "select username from gridmap_duty join gridmap_user on gridmap_user.id = user_id")
    assert not {name for (name,) in on_duty} & set(workers)


@pytest.mark.slow
def test_the_web_server_is_killed_and_comes_back(env: Env, site: Server, tmp_path: Path) -> None:
    confirmed = tmp_path / "confirmed"
    run = simulation(site.url, "--minutes", "0.2", "--acknowledged", str(confirmed))
    wait_until(lambda: confirmed.exists() and confirmed.read_text().count("\n") > 10, "some writes are confirmed", 60)
    for pid in tree(site.pid):
        kill(pid)
    site.process.wait()
    time.sleep(1)
    command = [str(word) for word in site.process.args]  # type: ignore[union-attr]  # a list, as it was given
    again = Server(command, env | {"PORT": str(site.port)}, port=site.port)
    try:
        said, _ = run.communicate(timeout=120)
    finally:
        again.stop()
    assert run.returncode == 0, said
    assert_all_went_well(said)
    assert figure(said, "retries") > 0
    assert_nothing_is_lost(env, confirmed)


def test_without_a_server_it_says_so_in_one_sentence() -> None:
    run = simulation(f"http://127.0.0.1:{free_port()}", "--minutes", "1")
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert re.fullmatch(
        r"Signing .*\nNo server answers at \S+ \(ConnectError\): start one with scripts/run, .*\n", said
    )
