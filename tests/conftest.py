"""Fixtures of all tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.persons import person_data
from tests.product import demo_town, product, product_env  # fixtures

__all__ = ["demo_town", "product", "product_env"]


@pytest.fixture(autouse=True)
def _own_settings(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # slow on purpose is for the real ones


@pytest.fixture(scope="session", autouse=True)
def _person_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """On for all tests, with keys that last as long as rows that several of them share."""
    with person_data(tmp_path_factory.mktemp("persons")):
        yield


@pytest.fixture
def town(db: None) -> factories.Town:
    """The tiny town; jobs run in the worker, so tests that need their effect run them."""
    return factories.town()
