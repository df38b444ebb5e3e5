"""A real browser before the running product."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, sync_playwright

from scripts.support.processes import Server

PASSWORD = "gridmap-demo"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Nothing of a browser that would look for the internet; no sandbox, which root may not have.
FLAGS = [
    "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic",
]  # fmt: skip
TABLET, DESKTOP = ViewportSize(width=800, height=1280), ViewportSize(width=1440, height=900)


# Of a module: while it lives its thread counts as one with a running loop, in which Django allows no database.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
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


# The cookies of who signed in through the login page already: once a process is enough to know that it works.
_cookies: dict[tuple[str, str], Any] = {}


@pytest.fixture
def sign_in(browser: Browser, product: Server, request: pytest.FixtureRequest) -> Iterator[SignIn]:
    """`sign_in("worker01", TABLET)`: a browser context of her own with nothing stored, signed in and at home."""
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
        context.add_cookies(_cookies.get((product.url, username), []))
        page.goto("/login")
        page.wait_for_function(
            "!location.pathname.startsWith('/login') || document.querySelector('input[type=password]')"
        )
        if page.url.endswith("/login"):
            page.get_by_label("用户名").fill(username)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: not url.endswith("/login"))
            _cookies[product.url, username] = context.cookies()
        return Person(page, errors)

    yield open_for
    for context in contexts:
        context.close()


def screenshot(page: Page, name: str) -> None:
    """Keep a picture where GRIDMAP_SCREENSHOTS says; nothing otherwise."""
    folder = os.environ.get("GRIDMAP_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")
