"""People by service in the demo town: all invented, with numbers that nobody has; and some looks at them."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import cycle
from uuid import uuid4

from django.utils import timezone

from gridmap import queries
from gridmap.actions import persons
from gridmap.management import demo
from gridmap.models import Area, How, Place, ServedPerson, User
from gridmap.queries import persons as people_queries
from gridmap.services import SERVICES

FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = ("桂芳", "德明", "淑珍", "玉兰", "建国", "秀英", "文华", "志强", "美玲", "永福", "春梅", "国栋", "慧敏")
NEEDS: Mapping[str, tuple[str, ...]] = {
    "care": ("每周二、五送餐", "每月一次上门理发", "雨雪天代买菜和药", "助浴,需两人", "定期打电话问候"),
    "disability": ("轮椅维修", "楼道加装扶手", "每月一次上门康复指导"),
    "job_seeking": ("愿做保洁或后厨,白班", "会电工,有证", "想学家政,下午有空"),
    "allowance": ("",),
}
PER_COMMUNITY = {"care": 5, "disability": 3, "job_seeking": 3, "allowance": 2}
LOOKS = (
    ("contact", "约定周二送餐的时间", ("phone",)),
    ("visit", "冬至前上门走访", ("name", "need")), ("arrange", "联系康复师上门", ("phone", "need")),
    ("emergency", "停水一天,问需不需要送水", ("phone",)),
)  # fmt: skip


def put_served(people: Mapping[str, User]) -> int:
    """Register some people with every service in each community; one service ended, one consent withdrawn. How many."""
    names = (f"{family}{given}" for given, family in zip(cycle(GIVEN), cycle(FAMILY), strict=False))
    made = []
    for number in range(1, 7):
        clerk = people[f"community{number:02}"]
        cells = cycle(_cells(f"{demo.STREET}{number:03}"))
        for key, count in PER_COMMUNITY.items():
            made += [(clerk, _register(clerk, key, next(names), next(cells), n)) for n in range(count)]
    _look(people)
    (clerk, ended), (_, withdrew) = made[1], made[2]
    service = SERVICES[ended.service]
    persons.end(clerk, service, ended.pk, version=1, mutation_id=uuid4())
    persons.withdraw(clerk, service, withdrew.pk, version=1, mutation_id=uuid4())
    return len(made)


def _cells(community: str) -> list[str]:
    return list(Area.objects.filter(code__startswith=community, level=6, valid_to=None).values_list("code", flat=True))


def _where(cell: str, number: int, *, at_home: bool) -> persons.Where:
    """A home of the cell, as far as the register knows one and the service comes there; else the cell alone."""
    homes = Place.objects.filter(area_code=cell, kind="dwelling", ended_at=None).select_related("parent__parent")
    home = homes.order_by("natural_key")[7 * number : 7 * number + 1].first() if at_home else None
    place: Place | None = home
    while place and place.point is None:
        place = place.parent
    if home and place and place.point:
        return persons.Where(lon=place.point.x, lat=place.point.y, place=home.pk)
    (lon, lat), _ = queries.area_centers([cell])[cell]
    return persons.Where(lon=lon, lat=lat)


def _register(clerk: User, key: str, name: str, cell: str, number: int) -> ServedPerson:
    service = SERVICES[key]
    needs = NEEDS[key]
    phone = f"199{uuid4().int % 10**8:08}" if number % 4 else ""
    values: dict[str, str | int] = {"name": name, "phone": phone, "need": needs[number % len(needs)]}
    values |= {"birth_year": 1932 + 3 * number} if service.takes("birth_year") else {}
    given_on = timezone.localdate() - timedelta(days=20 + 9 * number)
    agreed = persons.Agreed(form=service.form, how=list(How)[number % 2], given_on=given_on)
    where = _where(cell, number, at_home=service.takes("place"))
    done = persons.register(clerk, service, uuid4(), values, where, agreed, another=True)
    return ServedPerson.objects.get(pk=done.body["id"])


def _look(people: Mapping[str, User]) -> None:
    """What workers did with them, each in her own cells."""
    for n in range(1, len(demo.WORKERS) + 1):
        worker = people[f"worker{n:02}"]
        for key, (purpose, words, fields) in zip(("care", "disability"), (LOOKS[n % 4], LOOKS[2]), strict=True):
            service = SERVICES[key]
            mine = people_queries.visible_to(worker, service).order_by("pk").first()
            if mine:
                persons.look_list(worker, service, area="", ended=False, after=None)
                reason = persons.Reason(purpose=purpose, words=words)
                persons.reveal(worker, service, mine.pk, reason, fields)
