"""Processes of one's own for tests and benches: PostgreSQL, Redis, the web server. Each ends only what it started."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def wait_until(holds: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Raise TimeoutError if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill(pid: int, sign: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a process that may have gone by itself."""
    with suppress(ProcessLookupError):
        os.kill(pid, sign)


def tree(pid: int) -> list[int]:
    """A process and its descendants, itself first."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time that a process and its living descendants have used, in user and kernel mode."""
    ticks = 0
    for one in tree(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / CLOCK_TICKS


def resident_bytes(pid: int) -> int:
    """Memory that a process and its living descendants hold now."""
    pages = 0
    for one in tree(pid):
        with suppress(OSError):
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def open_folder(name: str) -> Path:
    """A new folder that the user of PostgreSQL, too, may enter."""
    folder = Path(mkdtemp(prefix=f"gridmap-{name}.", dir="/tmp"))
    folder.chmod(0o755)
    return folder


class Cluster:
    """A private PostgreSQL, made and started as scripts/run does it."""

    def __init__(self) -> None:
        self.folder = open_folder("pg")

    def _shell(self, commands: str) -> str:
        text = f". scripts/lib.sh; . scripts/postgres.sh; {commands}"
        done = subprocess.run(
            ["bash", "-euc", text, ROOT / "scripts/run"], cwd=ROOT, env=os.environ | {"GRIDMAP_VAR": str(self.folder)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def start(self) -> None:
        """Start it, also after a kill; returns when it answers."""
        self._shell('pg_start "$VAR/pg" >&2')

    def database(self, name: str) -> str:
        """Make a database if there is none; returns its address for DATABASE_URL."""
        return self._shell(f'pg_database "$VAR/pg" {name} >&2; pg_url "$VAR/pg" {name}')

    def end_ours(self) -> None:
        """End what still runs for this folder (GRIDMAP_SERVED_FROM), as scripts/stop does."""
        self._shell("end_ours")

    @property
    def postmaster(self) -> int:
        return int((self.folder / "pg/data/postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """Stop it and remove everything."""
        self._shell('pg_stop "$VAR/pg"')
        subprocess.run(["rm", "-rf", self.folder], check=True)


class Redis:
    """A private Redis without persistence, on a unix socket; what it held is gone when it is killed."""

    def __init__(self) -> None:
        self.folder = open_folder("redis")
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, also after a kill; returns when it answers."""
        program = shutil.which("redis-server") or str(ROOT / ".venv/bin/redis-server")
        self.process = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._answers, "Redis answers")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.settimeout(1)
            probe.connect(str(self.socket))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        return False

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)


class Server:
    """A web server on a free port of this machine: granian as the Procfile starts it, or another command."""

    def __init__(self, command: list[str], env: Mapping[str, str], *, port: int, health: str = "/healthz") -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.live = f"ws://127.0.0.1:{port}/ws/live"
        self.log = open_folder("server") / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait(health)

    def _wait(self, health: str) -> None:
        def answers() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(self.said())
            with suppress(OSError), urlopen(self.url + health, timeout=2) as response:
                return bool(response.status == 200)
            return False

        try:
            wait_until(answers, f"{self.process.args!r} answers")
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        """End it and all its processes."""
        pids = tree(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in pids[1:]:
            kill(pid)
        shutil.rmtree(self.log.parent, ignore_errors=True)


def granian(env: Mapping[str, str], *, app: str = "gridmap.asgi:application", workers: int = 1, **how: str) -> Server:
    """The server of the product, with the options of the Procfile."""
    port = free_port()
    command = [
        str(Path(sys.executable).parent / "granian"), "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port), "--http", "1",
        "--loop", "uvloop", "--workers", str(workers), "--backlog", "4096", "--backpressure", "8192", "--log-level", "warning", app,
    ]  # fmt: skip
    return Server(command, {"PORT": str(port), **env}, port=port, **how)


def uvicorn(env: Mapping[str, str], *, app: str = "gridmap.asgi:application", workers: int = 1, **how: str) -> Server:
    """The measured alternative."""
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--http", "auto",
        "--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--ws-ping-interval", "3600", "--workers", str(workers),
        "--backlog", "4096", "--no-access-log", "--log-level", "warning", "--lifespan", "off", app,
    ]  # fmt: skip
    return Server(command, {"PORT": str(port), **env}, port=port, **how)
