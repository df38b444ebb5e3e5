"""`manage.py explain_deadline`, run as people run it."""

import os
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from incidents.clock import Calendar
from incidents.models import Holiday
from tests.sources import ROOT

NOWHERE = "postgres://nobody@127.0.0.1:1/nothing"


def explain(*arguments: str, database: str | None = NOWHERE) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"GRIDMAP_ENV": "test", "GRIDMAP_VAR": "/nowhere"} | ({"DATABASE_URL": database} if database else {})
    command = [sys.executable, "manage.py", "explain_deadline", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("database", [None, NOWHERE], ids=["no address", "nobody answers"])
def test_the_due_time_comes_first_and_then_what_counts_and_what_does_not(database: str | None) -> None:
    run = explain("--limit", "4 工作时", "--from", "2025-09-30T16:30", database=database)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        "2025-10-09T10:30:00+08:00",
        "2025-09-30 周二 16:30–18:00  计入  1 小时 30 分  工作时段",
        "2025-09-30 周二 18:00–24:00  不计  6 小时  下班后",
        *(f"2025-10-0{day} 周{name} 00:00–24:00  不计  24 小时  放假:{why}" for day, name, why in (
            (1, "三", "国庆节"), (2, "四", "国庆节"), (3, "五", "国庆节"), (4, "六", "国庆节"), (5, "日", "国庆节"),
            (6, "一", "中秋"), (7, "二", "国庆节"), (8, "三", "国庆节"),
        )),
        "2025-10-09 周四 00:00–08:00  不计  8 小时  上班前",
        "2025-10-09 周四 08:00–10:30  计入  2 小时 30 分  工作时段",
        "日历:随软件提供的工作日历,因为没有数据库应答。",
    ]  # fmt: skip


def test_it_speaks_english_too() -> None:
    run = explain("--limit", "4h", "--from", "2025-09-26T17:00", "--language", "en")
    assert run.stdout.splitlines() == [
        "2025-09-28T11:00:00+08:00",
        "2025-09-26 Fri 17:00–18:00  counts  1 h  working session",
        "2025-09-26 Fri 18:00–24:00  does not count  6 h  after work",
        "2025-09-27 Sat 00:00–24:00  does not count  24 h  weekend",
        "2025-09-28 Sun 00:00–08:00  does not count  8 h  before work",
        "2025-09-28 Sun 08:00–11:00  counts  3 h  make-up day, worked: 国庆节",
        "Calendar: the one that comes with the software, as no database answers.",
    ]


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2025-09-26T16:30", "2025-09-26T18:30:00+08:00"),
        ("2025-09-26T08:30Z", "2025-09-26T18:30:00+08:00"),
        ("2025-10-01", "2025-10-01T02:00:00+08:00"),
    ],
)
def test_a_time_without_a_zone_is_that_of_shanghai(start: str, due: str) -> None:
    assert explain("--limit", "2 紧急工作时", "--from", start).stdout.splitlines()[0] == due


@pytest.mark.parametrize(
    ("limit", "start", "language"),
    [
        ("4 时", "2025-09-30T16:30", "zh"),
        ("", "2025-09-30T16:30", "en"),
        ("4h", "2025-02-30T16:30", "zh"),
        ("4h", "0001-01-01T00:00+14:00", "en"),
        ("99999d", "9999-12-01T00:00", "zh"),
    ],
)
def test_what_cannot_be_read_ends_with_2_and_one_sentence_that_says_what_to_write(
    limit: str, start: str, language: str
) -> None:
    run = explain("--limit", limit, "--from", start, "--language", language)
    assert (run.returncode, run.stdout) == (2, "")
    assert len(run.stderr.splitlines()) == 1
    assert "请写" in run.stderr if language == "zh" else ": write " in run.stderr
    assert run.stderr.strip()[-1] in "。."


def test_past_the_last_published_year_it_says_that_make_up_days_are_not_known_yet() -> None:
    year = Calendar.shipped().last_known_year or 0
    inside = explain("--limit", "1h", "--from", f"{year}-12-29T08:00", "--language", "en").stdout
    beyond = explain("--limit", "5d", "--from", f"{year}-12-29T08:00", "--language", "en").stdout
    assert "not known yet" not in inside
    assert beyond.splitlines()[-1].startswith(f"Note: holidays and make-up days from {year + 1} on are not known yet")
    assert "调休安排尚未公布" in explain("--limit", "5d", "--from", f"{year}-12-29T08:00").stdout


@pytest.fixture
def _said(db: None) -> None:
    """Rows of the calendar are laid out by each test."""


@pytest.mark.usefixtures("_said")
def test_it_counts_by_the_calendar_of_the_database(capsys: Any) -> None:
    arguments = ("explain_deadline", "--limit", "2h", "--from", "2030-05-06T17:00")  # a Monday
    call_command(*arguments)
    assert capsys.readouterr().out.splitlines()[-2] == "日历:随软件提供的工作日历,因为数据库里还没有日历。"
    Holiday.objects.create(date=date(2030, 5, 7), working=False, name="停电日")
    call_command(*arguments)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2030-05-08T09:00:00+08:00"
    assert "2030-05-07 周二 00:00–24:00  不计  24 小时  放假:停电日" in lines
    assert lines[-1] == "日历:数据库中的工作日历。"
    assert connection.is_usable()
