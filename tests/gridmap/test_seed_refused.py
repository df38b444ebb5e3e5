"""Where there is no demo: production, and a database that was never filled."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gridmap.management import demo
from gridmap.models import Area, User
from incidents.models import Holiday, IncidentClass


def test_production_gets_catalogue_and_calendar_and_no_public_password(db: None, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="public passwords"):
        call_command("seed", "--if-empty", stdout=StringIO())
    call_command("seed", "--reference", stdout=StringIO())
    assert IncidentClass.objects.count() > 200
    assert Holiday.objects.exists()
    assert not User.objects.exists()
    assert not Area.objects.exists()


def test_without_a_demo_there_are_no_accounts_to_print(db: None) -> None:
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    assert "no demo accounts" in out.getvalue()
    assert demo.PASSWORD not in out.getvalue()
