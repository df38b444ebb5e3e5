"""The product as people meet it: its real processes on a database of its own with the demo town, and a real browser."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, sync_playwright

from scripts.support.processes import ROOT, Server, granian

PASSWORD = "gridmap-demo"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Nothing of a browser that would look for the internet; no sandbox, which root may not have.
FLAGS = [
    "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic",
]  # fmt: skip
TABLET, DESKTOP = ViewportSize(width=800, height=1280), ViewportSize(width=1440, height=900)


def _sql(statement: str) -> None:
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
        cursor.execute(statement)
    conn.close()


@pytest.fixture(scope="session")
def product_env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a product whose database holds the demo town."""
    name = f"e2e_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    address = urlsplit(os.environ["DATABASE_URL"])
    folder = tmp_path_factory.mktemp("product")
    env = {
        "DATABASE_URL": address._replace(path=f"/{name}").geturl(),
        "GRIDMAP_ENV": "demo",
        "GRIDMAP_VAR": str(folder),
    }
    _sql(f"drop database if exists {name} with (force)")
    _sql(f"create database {name}")
    for command in ("migrate", "seed"):
        subprocess.run([sys.executable, "manage.py", command, "-v0"], cwd=ROOT, env=os.environ | env, check=True)
    yield env
    _sql(f"drop database if exists {name} with (force)")


@pytest.fixture(scope="session")
def product(product_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running product: web, worker and clock."""
    with ExitStack() as stack:
        for name, command in {"worker": ["db_worker", "--interval", "0.3"], "clock": ["tick", "--loop"]}.items():
            log = stack.enter_context((tmp_path_factory.mktemp(name) / "log").open("wb"))
            process = subprocess.Popen(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=os.environ | product_env, stdout=log, stderr=log
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        server = granian(product_env)
        stack.callback(server.stop)
        yield server


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield chromium
    chromium.close()


@dataclass
class Person:
    """Someone with a browser of her own, signed in."""

    page: Page
    errors: list[str]


SignIn = Callable[..., Person]


@pytest.fixture
def sign_in(browser: Browser, product: Server, request: pytest.FixtureRequest) -> Iterator[SignIn]:
    """`sign_in("worker01", TABLET)`: a browser context, signed in through the login page."""
    contexts: list[BrowserContext] = []

    def open_for(username: str, viewport: ViewportSize, theme: Literal["light", "dark"] = "light") -> Person:
        context = browser.new_context(
            base_url=product.url, viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai",
            permissions=["geolocation"], color_scheme=theme,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("/login")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: not url.endswith("/login"))
        return Person(page, errors)

    yield open_for
    for context in contexts:
        context.close()


def screenshot(page: Page, name: str) -> None:
    """Keep a picture where GRIDMAP_SCREENSHOTS says; nothing otherwise."""
    folder = os.environ.get("GRIDMAP_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")
