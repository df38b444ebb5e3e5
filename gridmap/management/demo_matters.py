"""Matters at the counters of the demo town: approved, refused, waiting for papers, extended, and some that wait to be dealt with."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from gridmap.management.demo import STREET
from gridmap.models import User
from incidents import actions
from incidents.models import Incident
from incidents.workflow import Action, Outcome

RELIEF, ALLOWANCE, ROOM = (f"local:matters/matter/{code}" for code in ("001", "002", "003"))
Steps = tuple[tuple[str, Action, str], ...]


@dataclass(frozen=True)
class Kept:
    """A matter of the demo: its kind, what for, in which community, and who did what since."""

    kind: str
    what: str
    community: int
    steps: Steps = ()

    @property
    def clerk(self) -> str:
        return f"community{self.community:02}"


def _allowance(community: int) -> Steps:
    return (
        ("acceptor01", Action.APPROVE, ""),
        (f"community{community:02}", Action.APPROVE, "年龄和户籍属实"),
        ("director", Action.FINISH, "同意"),
    )


_EXTENDED: Steps = (
    ("acceptor01", Action.APPROVE, ""),
    ("community02", Action.EXTEND, "申请人住院，约定出院后入户"),
    ("director", Action.ENDORSE_EXTENSION, "属实"),
    ("leader", Action.GRANT_EXTENSION, ""),
)
_RELIEVED: Steps = (
    ("acceptor02", Action.SUPPLEMENT, "缺少困难情况的说明"), ("community01", Action.RESUBMIT, "说明已补齐"),
    ("acceptor02", Action.EXPEDITE, "无处居住"),
    ("acceptor02", Action.APPROVE, ""), ("community01", Action.APPROVE, "属实"), ("director", Action.APPROVE, "同意"),
    ("civil01", Action.APPROVE, "核准"), ("acceptor02", Action.FINISH, ""),
)  # fmt: skip
KEPT = (
    Kept(RELIEF, "厨房失火，暂时无处居住", 1, _RELIEVED),
    Kept(RELIEF, "家庭成员突发重病", 2, _EXTENDED),
    Kept(RELIEF, "台风损坏屋顶", 3, (("acceptor01", Action.REFUSE, "损失已由保险赔付"),)),
    Kept(RELIEF, "遭遇交通事故，生活暂时困难", 4, (("acceptor01", Action.APPROVE, ""),)),
    Kept(RELIEF, "孩子住院，押金不足", 5),
    *(Kept(ALLOWANCE, "高龄津贴申领", community, _allowance(community)) for community in (1, 3, 4, 6)),
    Kept(ALLOWANCE, "高龄津贴申领，家人代办", 2, (("acceptor01", Action.SUPPLEMENT, "请补代办人的委托说明"),)),
    Kept(ALLOWANCE, "高龄津贴申领", 5, _allowance(5)[:1]),
    Kept(ROOM, "合唱队周三下午排练", 1, (("community01", Action.FINISH, "可以，请在五点前归还钥匙"),)),
    Kept(ROOM, "旧书交换会，周六上午", 2, (("community02", Action.FINISH, "可以"),)),
    Kept(ROOM, "产品推介会", 3, (("community03", Action.REFUSE, "不作商业用途"),)),
    Kept(ROOM, "跨社区棋类比赛，需要两间", 4, (("community04", Action.FORWARD, "需两个社区的房间，请街道协调"),)),
    Kept(ROOM, "家长会，周五晚上", 6),
)
SIGNED = (("director", Action.APPROVE), ("director", Action.FINISH), ("civil01", Action.APPROVE))


def put_kept(people: Mapping[str, User]) -> int:
    """Register every matter and take its steps, by the same actions as at the counter; returns how many there are."""
    for number, kept in enumerate(KEPT, 1):
        _put(_id("matter", number), kept, people)
    return len(KEPT)


def _put(key: UUID, kept: Kept, people: Mapping[str, User]) -> None:
    area = f"{STREET}{kept.community:03}"
    matter = actions.Registration(id=key, class_key=kept.kind, area_code=area, description=kept.what)
    actions.register(people[kept.clerk], matter)
    for place, (who, action, words) in enumerate(kept.steps):
        agrees = action in (Action.ENDORSE_EXTENSION, Action.GRANT_EXTENSION)
        given = actions.Given(
            version=Incident.objects.values_list("version", flat=True).get(pk=key), reason=words, text=words,
            outcome=Outcome.PASS if agrees else None, signed=(who, action) in SIGNED,
        )  # fmt: skip
        actions.act(people[who], key, action, mutation_id=_id(str(key), place), given=given)


def _id(name: str, number: int) -> UUID:
    """The same in every demo, so that a page can be pointed at."""
    return uuid5(NAMESPACE_URL, f"gridmap-demo:{name}:{number}")
