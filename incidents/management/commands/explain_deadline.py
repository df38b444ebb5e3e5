"""`manage.py explain_deadline --limit "4 工作时" --from 2025-09-30T16:30`: when it is due, and what counts until then."""

import os
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError

from gridmap.localtime import ZONE
from incidents import clock, deadline, queries
from incidents.clock import Calendar, Limit, LimitError
from incidents.deadline import LABELS, Piece, Stretch, Why

PATIENCE_S = "3"  # for a database that does not answer
WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}

TEXTS = {
    "zh": {
        "bad_limit": "看不懂时限“{text}”,请写成例如 4 工作时、2 工作日、30 紧急工作分钟 或 4h、2d、30m!。",
        "bad_date": "看不懂时间“{text}”,请写成例如 2025-09-30T16:30(不带时区即北京时间)。",
        "too_far": "从“{text}”起算“{limit}”超出了日历的范围,请写更早的时间或更短的时限。",
        "counts": "计入", "not": "不计",
        "kept": "日历:数据库中的工作日历。",
        "empty": "日历:随软件提供的工作日历,因为数据库里还没有日历。",
        "shipped": "日历:随软件提供的工作日历,因为没有数据库应答。",
        "unknown": "注意:{year} 年起的放假与调休安排尚未公布,这部分只按周一至周五上班推算。",
    },
    "en": {
        "bad_limit": 'There is no limit "{text}": write for example 4h, 2d, 30m!, or 4 工作时.',
        "bad_date": 'There is no time "{text}": write for example 2025-09-30T16:30 (without an offset it is Asia/Shanghai).',
        "too_far": 'A limit of {limit} from "{text}" ends beyond the calendar: write an earlier time or a shorter limit.',
        "counts": "counts", "not": "does not count",
        "kept": "Calendar: the working calendar of the database.",
        "empty": "Calendar: the one that comes with the software, as the database holds none yet.",
        "shipped": "Calendar: the one that comes with the software, as no database answers.",
        "unknown": "Note: holidays and make-up days from {year} on are not known yet; there only Monday to Friday count as worked.",
    },
}  # fmt: skip


class Command(BaseCommand):
    help = "Explain a deadline: when a limit that starts at a time is due, and which times count and which do not."
    requires_system_checks: list[str] = []  # it must work where no database is

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", default="", help='for example "4 工作时", "2 紧急工作日", 4h, 2d, 30m!')
        parser.add_argument("--from", default="", dest="start", help="for example 2025-09-30T16:30; Asia/Shanghai")
        parser.add_argument("--language", choices=("zh", "en"), default="zh")

    def handle(self, *args: Any, limit: str, start: str, language: str, **options: Any) -> None:
        self.texts = TEXTS[language]
        asked, begun = self._limit(limit), self._moment(start)
        calendar, source = _calendar()
        try:
            due_at = clock.due(begun, asked, calendar)
            lines = self._lines(begun, due_at, asked, calendar, language)
            self.stdout.write(due_at.astimezone(ZONE).isoformat(timespec="seconds"))
            for line in lines:
                self.stdout.write(line)
        except OverflowError:
            self._refuse("too_far", text=start, limit=asked.label(language))
        self.stdout.write(self.texts[source])
        unknown = deadline.beyond_known(due_at, asked.kind, calendar)
        if unknown:
            self.stdout.write(self.texts["unknown"].format(year=unknown))

    def _limit(self, text: str) -> Limit:
        try:
            return Limit.parse(text)
        except LimitError:
            self._refuse("bad_limit", text=text)

    def _moment(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(ZONE)
        except (ValueError, OverflowError):
            self._refuse("bad_date", text=text)

    def _lines(self, start: datetime, end: datetime, limit: Limit, calendar: Calendar, language: str) -> Iterator[str]:
        for piece in deadline.explain([Stretch(start)], end, limit.kind, calendar):
            counts = self.texts["counts" if piece.counts else "not"]
            yield f"{_when(piece, language)}  {counts}  {_span(piece.end - piece.start, language)}  {_why(piece, language)}"

    def _refuse(self, sentence: str, **words: str) -> NoReturn:
        self.stderr.write(self.texts[sentence].format(**words))
        sys.exit(2)


def _calendar() -> tuple[Calendar, str]:
    """The calendar to count with, and which one it is: kept, empty, shipped."""
    os.environ.setdefault("PGCONNECT_TIMEOUT", PATIENCE_S)
    try:
        kept = queries.kept_calendar()
    except (DatabaseError, InterfaceError):  # none there, none that answers, or one without our tables
        return Calendar.shipped(), "shipped"
    return (kept, "kept") if kept else (Calendar.shipped(), "empty")


def _when(piece: Piece, language: str) -> str:
    start, end = piece.start.astimezone(ZONE), piece.end.astimezone(ZONE)
    if end.date() == start.date():
        until = f"{end:%H:%M}"
    elif end == datetime.combine(start.date() + timedelta(days=1), deadline.MIDNIGHT, ZONE):
        until = "24:00"
    else:
        until = f"{_day(end.date(), language)} {end:%H:%M}"
    return f"{_day(start.date(), language)} {start:%H:%M}–{until}"


def _day(day: date, language: str) -> str:
    weekday = WEEKDAYS[language][day.weekday()]
    return f"{day} {'周' if language == 'zh' else ''}{weekday}"


def _span(span: timedelta, language: str) -> str:
    hours, minutes = divmod(round(span.total_seconds() / 60), 60)
    words = (f"{hours} 小时", f"{minutes} 分") if language == "zh" else (f"{hours} h", f"{minutes} min")
    return " ".join(word for word, amount in zip(words, (hours, minutes), strict=True) if amount) or words[1]


def _why(piece: Piece, language: str) -> str:
    label = LABELS[piece.why][language]
    named = piece.name and piece.why in (Why.HOLIDAY, Why.MAKE_UP)
    if not named:
        return label
    return f"{label}:{piece.name}" if language == "zh" else f"{label}: {piece.name}"
