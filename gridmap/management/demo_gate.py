"""What departments of the demo town ask of its communities: in force, waiting, refused, ended; and one that nobody admitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.utils import timezone

from gridmap.management.demo import DISTRICT, STREET
from gridmap.models import Department, User
from incidents.actions import gate, gate_answers
from incidents.actions.gate import FieldRow, Proposal

POINTS, MEALS, BEDS = "分类投放点数量", "助餐点数量", "日间照料床位数"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A demand of the demo: who asks what, what became of it (with the reason), and for how many days it runs."""

    by: str
    team: str
    kind: str
    title: str
    what: str
    ground: str
    number: str
    outcome: str = "approve"
    reason: str = ""
    days: int = 180
    money: int = 0
    staff: int = 0
    rhythm: str = "year"
    area: str = STREET
    fields: tuple[FieldRow, ...] = ()

    @property
    def id(self) -> UUID:
        """The same in every demo, so that its page can be pointed at."""
        return uuid5(NAMESPACE_URL, f"gridmap-demo:{self.title}")


def _count(label: str) -> FieldRow:
    return FieldRow(label=label, type="number")


ASKED = (
    Asked(
        by="clean01", team="sanitation", kind="form", title="垃圾分类投放点季度情况", rhythm="quarter", area=DISTRICT,
        what="每季度一次。户数和案件由系统提供，社区只填投放点数量和需要更换的设施。",
        ground="《示范市生活垃圾分类管理条例》第十八条（示例）", number="示市容〔示例〕12号", money=30000,
        fields=(
            FieldRow(figure="households"), FieldRow(figure="closed", class_key="GB30428.2-2013/event/0110"), _count(POINTS),
            FieldRow(label="是否需要更换设施", type="choice", choices=("不需要", "个别需要", "大部分需要")),
        ),
    ),
    Asked(
        by="civil01", team="civil", kind="form", title="为老服务设施情况", days=20,
        what="只统计设施，不涉及个人。", ground="《示范市养老服务条例》第二十一条（示例）", number="示民〔示例〕7号",
        fields=(FieldRow(figure="cells"), FieldRow(figure="households"), _count(MEALS), _count(BEDS)),
    ),
    Asked(
        by="drain01", team="drainage", kind="duty", title="汛期低洼点提醒", money=20000, staff=2, days=120,
        what="雨前张贴提醒，发现积水按案件上报；抽排由排水部门负责。", ground="《示范市防汛应急预案》（示例）", number="示汛〔示例〕3号",
    ),
    Asked(
        by="green01", team="greening", kind="form", title="社区环境台账", outcome="", rhythm="quarter",
        what="汇总各社区环境情况。", ground="年度工作要点（示例）", number="示园林〔示例〕5号",
        fields=(FieldRow(figure="open"), FieldRow(figure="households"), _count(POINTS), _count("宣传栏数量")),
    ),
    Asked(
        by="law01", team="enforcement", kind="plate", title="市容劝导站", outcome="refuse",
        reason="没有法律依据，也没有随事经费；社区不再加挂牌子。",
        what="每个社区挂牌一块。", ground="部门工作方案（示例）", number="示综执〔示例〕9号",
    ),
    Asked(
        by="works01", team="works", kind="check", title="社区道路巡查考核", outcome="end", reason="与案件核查重复，取消。",
        what="每月一次。", ground="部门工作方案（示例）", number="示市政〔示例〕2号",
    ),
)  # fmt: skip


def put_demands(people: Mapping[str, User], departments: Mapping[str, Department]) -> int:
    """Propose what the demo's departments ask, decide it, answer one form; returns how many demands there are."""
    today = timezone.localdate()
    for one in ASKED:
        gate.propose(people[one.by], one.id, _proposal(one, departments[one.team].pk, today))
        for version, outcome in enumerate(_decisions(one.outcome), 1):
            gate.decide(people["admin"], one.id, outcome, version=version, reason=one.reason, mutation_id=uuid4())
    values: dict[str, Any] = {"asked:助餐点数量": 2, "asked:日间照料床位数": 18}
    gate_answers.answer_form(
        people["community01"], ASKED[1].id, area=f"{STREET}001", period="", version=0, given=values, mutation_id=uuid4()
    )
    gate_answers.record_unadmitted(
        people["community02"], uuid4(), area=f"{STREET}002", asked_by="某局办公室（示例）", department=None, kind="form",
        what="要求每天下班前在工作群里报一次入户走访台账，没有文件，也没有期限。",
    )  # fmt: skip
    return len(ASKED)


def _decisions(outcome: str) -> list[str]:
    return {"": [], "end": ["approve", "end"]}.get(outcome, [outcome])


def _proposal(one: Asked, department: int, today: date) -> Proposal:
    return Proposal(
        area=one.area, department=department, kind=one.kind, title=one.title, what=one.what, ground=one.ground,
        ground_number=one.number, since=today, until=today + timedelta(days=one.days), money=one.money, staff=one.staff,
        rhythm=one.rhythm, fields=one.fields,
    )  # fmt: skip
