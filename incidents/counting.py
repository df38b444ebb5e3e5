"""The numbers and words by which statistics are counted: written once, shown on the page and in the docs.

Pure: no Django, no database.
"""

from datetime import date, timedelta

from incidents.workflow import TERMINAL, State

AGAIN_DAYS = 30  # a case of the same class this soon after a closing …
AGAIN_M = 30  # … and this near to it, in metres: it came again
SPOT_M = 100  # the side of a square of the heat map, in units of EPSG:3857
EDGES_H = (1, 4, 8, 24, 72, 168, 336, 720)  # hours at which the bars of a distribution begin anew
SUMMED = (6, 9)  # digits of the areas that have their days counted: districts and streets
LOTS = (
    64  # into which cases fall by chance: by the end of their ids, because ids of any kind begin with their time or not
)
TIMED = 10_000  # of more closed cases than about these, times are those of some of the lots
MOST_DAYS = 1100  # three years at a time
# What ended as no case of its own: declined, and whatever else ends neither closed nor refused. Left out of the closing rate.
NO_CASES = TERMINAL - {State.CLOSED, State.REFUSED}

DEFINITIONS: dict[str, dict[str, str]] = {
    "reported": {"zh": "上报时间在本期的案件，各来源都计。", "en": "Cases reported in the period, from every source."},
    "filed": {"zh": "本期内首次立案的案件。", "en": "Cases filed for the first time in the period."},
    "declined": {"zh": "本期内不予立案的案件。", "en": "Cases declined in the period."},
    "closed": {
        "zh": "本期内结案的案件，含自行处理；导入而没有结案时间的不计入。",
        "en": "Cases closed in the period, those solved on the spot among them; imported ones without a time of closing are not.",
    },
    "refused": {
        "zh": "本期内退办的事务，以及按流程办理时退办的案件：已有结果，但不算解决，因此不计入结案，单独列出。",
        "en": "Matters, and cases that follow a procedure, refused in the period: "
        "they have their answer but are not solved, so they are shown apart from the closed.",
    },
    "open": {"zh": "现在还没有结果的案件，与本期无关。", "en": "Cases that have not ended now, whatever the period."},
    "overdue": {
        "zh": "其中当前环节时限已过的案件：仍未办完就算超时，不等办完才算。",
        "en": "Of those, cases whose present deadline has passed: unfinished counts as overdue, not only once it is finished.",
    },
    "due": {
        "zh": "处置时限在本期内到期的承办（一个部门的一次承办算一个，配合部门的任务和流程的各步不计）；"
        "到期前被收回、退回或挂账的不计，恢复后另行到期。"
        "导入案件按上报日计。",
        "en": "Handling limits that ended in the period, one for each turn of a department "
        "and none for the part of one that joins or for a stage of a procedure; "
        "given back or suspended in time, it did not end, and ends later when the case goes on. "
        "Imported cases count on the day of their report.",
    },
    "on_time": {
        "zh": "按时率 = 到期的承办中，在时限内反馈的比例；到期而仍未反馈的算超时；核查不通过又超时的算超时。",
        "en": "On-time share = of the limits that ended, those fed back within them; one that has ended unanswered is late, "
        "and so is one missed after a repair that failed.",
    },
    "matters": {
        "zh": "本期受理的事务，按事项：现在准予办结、退办、仍在办的各多少，三者合计为受理数；"
        "其中要求过补办的、批准过延办的各多少，一件只计一次。",
        "en": "Matters registered in the period, by kind: how many are approved, refused or still running now, which add up to all; "
        "and how many of them had to be supplemented or were extended, each counted once.",
    },
    "closing": {
        "zh": "结案率 = 本期上报的案件中，现在已结案或已退办的比例，退办的件数写在旁边；不予立案、已并案、已撤销的不在其内。",
        "en": "Closing rate = of the cases reported in the period, those closed or refused now, with the number of the refused beside it; "
        "declined, merged and retracted ones are left out.",
    },
    "unsolved": {
        "zh": f"“结案未解决”= 已结案件中，有过核查不通过、或结案后 {AGAIN_DAYS} 天内同类案件在 {AGAIN_M} 米内再次出现、"
        "或居民评价为“没有解决”、导入时标明不满意的。一案多因只计一次。",
        "en": f"“Closed but not solved” = closed cases of which a repair failed its check, or a case of the same class came again within "
        f"{AGAIN_DAYS} days and {AGAIN_M} m, or of which the resident, or an import, says that it is not solved. Each counts once.",
    },
    "closing_time": {
        "zh": "立过案、在本期结案的案件，从上报到结案的自然时间（小时）。中位数：一半更快、一半更慢。自行处理的不计。"
        f"超过 {TIMED:,} 件时，由随机抽取的一部分案件算出，并注明比例。",
        "en": "From report to close in hours as they pass, of filed cases closed in the period. Median: half took less, half more. "
        "What was solved on the spot is left out. "
        f"Of more than {TIMED:,} cases they are those of a part drawn by chance, and the share is said.",
    },
    "handling_time": {
        "zh": "同一批案件在各部门手中的时间之和，按各自时限的时钟计：工作时只在工作日 8–12、14–18 点走，紧急时限连续走；等待核查时不走。",
        "en": "What departments used on the same cases, each on the clock of its limit: working hours run 8–12 and 14–18 on working days, "
        "urgent limits day and night; waiting for a check does not count.",
    },
}  # fmt: skip


def days(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def start_of(day: date, unit: str) -> date:
    """The first day of the "day", "week" (Monday) or "month" that a day belongs to."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def starts(first: date, last: date, unit: str) -> list[date]:
    """The first days of all units that the days from first to last touch, in order."""
    return sorted({start_of(day, unit) for day in days(first, last)})


def unit_for(first: date, last: date) -> str:
    """The unit in which a line of this length can be read."""
    length = (last - first).days + 1
    return "day" if length <= 62 else "week" if length <= 183 else "month"
