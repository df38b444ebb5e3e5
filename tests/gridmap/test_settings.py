"""Settings: production refuses what belongs to the demo, and says what to set."""

import os
import subprocess
import sys

import pytest

from tests.sources import ROOT

GOOD = {
    "GRIDMAP_ENV": "production",
    "GRIDMAP_SECRET_KEY": "Yk3-vqA0zRt7_PwLm9Xe2Cb5NdHf8GjS4uQi6OoT1rVhKsWyBnZxMcDa",
    "GRIDMAP_PUBLIC_URL": "https://grid.example.org",
    "DATABASE_URL": "postgres://app@%2Fnowhere/gridmap",
}


def start(program: str, changes: dict[str, str | None]) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own with this environment; None takes a variable away."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("GRIDMAP_", "DATABASE_", "REDIS_", "DJANGO_"))
    }
    environment |= {k: v for k, v in {**GOOD, **changes}.items() if v is not None}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_production_starts_with_a_secret_and_a_public_address_of_its_own() -> None:
    program = (
        "from gridmap import settings as s; "
        "print(s.DEBUG, bool(s.HOOK_NETWORKS), s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0,"
        " s.ALLOWED_HOSTS[0], *s.CSRF_TRUSTED_ORIGINS)"
    )
    run = start(program, {})
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == [
        "False",
        "False",
        "True",
        "True",
        "True",
        "True",
        "grid.example.org",
        "https://grid.example.org",
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GRIDMAP_SECRET_KEY", None),
        ("GRIDMAP_SECRET_KEY", ""),
        ("GRIDMAP_SECRET_KEY", "short"),
        ("GRIDMAP_SECRET_KEY", "for-demonstration-only-set-GRIDMAP_SECRET_KEY-in-production"),
        ("GRIDMAP_PUBLIC_URL", None),
        ("GRIDMAP_PUBLIC_URL", "http://grid.example.org"),
        ("GRIDMAP_ENV", "prod"),
        ("GRIDMAP_LIMIT_REPORT_CELL", "many"),
        ("GRIDMAP_HOOK_NETWORKS", "10.1.0.0/99"),
        ("GRIDMAP_LIMIT_REPORT_CELL", "0/3600"),
        ("GRIDMAP_LIMIT_LOOKUP_NUMBER", "8/90000"),
    ],
)
def test_production_refuses_and_names_the_variable(variable: str, value: str | None) -> None:
    run = start("import gridmap.settings", {variable: value})
    assert run.returncode != 0
    last = run.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last
    assert variable in last
    assert "set it to" in last


def test_the_demo_starts_without_any_setting() -> None:
    run = start("import gridmap.settings", dict.fromkeys(GOOD))
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("environment", ["demo", "test", "production"])
def test_nothing_shows_its_insides(environment: str) -> None:
    run = start("from gridmap import settings as s; print(s.DEBUG)", {"GRIDMAP_ENV": environment})
    assert run.stdout.strip() == "False"


def test_a_check_for_deployment_finds_nothing_wrong() -> None:
    program = "from django.core.management import execute_from_command_line as run; run(['manage.py', 'check', '--deploy', *OPTIONS])"
    options = "OPTIONS = ['--fail-level', 'WARNING']; "
    run = start(options + program, {"DJANGO_SETTINGS_MODULE": "gridmap.settings"})
    assert run.returncode == 0, run.stderr
