"""Rows of the kernel: areas, people who work here, their grants, the log, and who is on duty where."""

import uuid
from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GistIndex
from django.db.models import F, Func, Q

from gridmap import areacode


class Transform(Func):
    function = "ST_Transform"


class Role(models.TextChoices):
    WORKER = "worker", "网格员"
    ACCEPTOR = "acceptor", "受理员"
    DISPATCHER = "dispatcher", "派遣员"
    HANDLER = "handler", "处置人员"
    DIRECTOR = "director", "街道主任"
    COMMUNITY = "community", "社区工作者"
    PLANNER = "planner", "规划人员"
    AUDITOR = "auditor", "审计员"
    ADMINISTRATOR = "administrator", "管理员"


class AreaKind(models.TextChoices):
    NONE = "", "—"
    RESIDENTIAL = "residential", "综合网格"
    DEDICATED = "dedicated", "专属网格"


class Area(models.Model):
    """A division or a cell. A code is never given again: one that ended keeps its row and its end date."""

    code = models.CharField("区划代码", max_length=15, primary_key=True)
    name = models.CharField("名称", max_length=100)
    name_en = models.CharField("英文名称", max_length=100, blank=True)
    level = models.SmallIntegerField("级别", editable=False)
    kind = models.CharField("类型", max_length=12, choices=AreaKind, blank=True, default=AreaKind.NONE)
    geom = models.MultiPolygonField("边界", srid=4326, null=True, blank=True, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform(F("geom"), 3857),
        output_field=models.MultiPolygonField(srid=3857, null=True, spatial_index=False),
        db_persist=True,
    )
    households = models.IntegerField("户数", null=True, blank=True)
    provisional = models.BooleanField("暂定", default=False, help_text="代码或边界为暂定,不是官方数据")
    valid_from = models.DateField("启用日期", default=date.today)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "行政区划与网格"
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [
            GistIndex(name="area_geom", fields=["geom"]),
            GistIndex(name="area_geom_3857", fields=["geom_3857"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="area_code_form", condition=Q(code__regex=r"^\d{2}(\d{2}){0,2}$|^\d{9}(\d{3}){0,2}$")
            ),
            models.CheckConstraint(
                name="area_dates", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.level = areacode.level_of(self.code)
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # Django's own signature, passed through


class AreaSuccessor(models.Model):
    """Which area follows one that ended: a re-cut cell ends and new ones begin."""

    predecessor = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="successors")
    successor = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="area_successor_once", fields=["predecessor", "successor"]),
            models.CheckConstraint(name="area_successor_other", condition=~Q(predecessor=F("successor"))),
        ]


class Department(models.Model):
    """A body that handles incidents: a district bureau, a street team, a company that maintains something."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=60)
    name_en = models.CharField("英文名称", max_length=60, blank=True)
    area_code = models.CharField("区划代码", max_length=15)
    valid_to = models.DateField(
        "停用日期", null=True, blank=True
    )  # its last day; new cases are not assigned to it after
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    handed_at = models.DateTimeField(null=True, editable=False)  # when its successor took over what lay with it
    version = models.IntegerField(default=1, db_default=1, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "部门"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="department_parent_other", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))
            ),
            models.CheckConstraint(
                name="department_successor_of_an_end",
                condition=Q(successor__isnull=True) | (Q(valid_to__isnull=False) & ~Q(successor=F("id"))),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Someone who signs in. What she may see and do stands in her grants alone."""

    name = models.CharField("姓名", max_length=60)
    language = models.CharField("语言", max_length=2, choices=[("zh", "中文"), ("en", "English")], default="zh")

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.name or self.username


class Grant(models.Model):
    """(user, role, area code): the role holds in every area whose code starts with this one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants", verbose_name="用户")
    role = models.CharField("角色", max_length=14, choices=Role)
    area_code = models.CharField("区划代码", max_length=15, db_index=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, verbose_name="部门")

    class Meta:
        verbose_name = verbose_name_plural = "授权"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="grant_once", fields=["user", "role", "area_code", "department"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="grant_handler_has_department",
                condition=Q(role=Role.HANDLER, department__isnull=False)
                | (~Q(role=Role.HANDLER) & Q(department__isnull=True)),
            ),
            models.CheckConstraint(name="grant_role_known", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.area_code}"


class StreamHead(models.Model):
    """The counter of one stream. Raising it locks the row, so the order of commits is the order of numbers."""

    stream = models.CharField(max_length=9, primary_key=True)
    epoch = models.CharField(max_length=12)
    seq = models.BigIntegerField()
    min_seq = models.BigIntegerField(default=1)


class StreamEvent(models.Model):
    """One entry of the log. `payload` holds no personal value: it names what changed."""

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.CharField(max_length=9)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    area_code = models.CharField(max_length=15)
    departments = ArrayField(models.BigIntegerField(), default=list)
    persons = ArrayField(models.BigIntegerField(), default=list)
    object_id = models.CharField(max_length=40)
    object_version = models.IntegerField(default=0)
    payload = models.JSONField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_constraint=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(name="event_object", fields=["object_id", "seq"]),
            models.Index(name="event_created", fields=["created_at"]),
        ]


class Inbox(models.Model):
    """Every write that was taken, by the id its client made: a repeat finds its first answer here."""

    mutation_id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)
    response = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [BrinIndex(name="inbox_created", fields=["created_at"])]


class ApiToken(models.Model):
    """A program's key to the API. Only its digest is kept: the token is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens", verbose_name="用户")
    label = models.CharField("用途", max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField("到期")

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"

    def __str__(self) -> str:
        return self.label


class Duty(models.Model):
    """A worker on duty and her last position. Going off duty deletes the row: nothing is shared then."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    area_code = models.CharField(max_length=15)
    since = models.DateTimeField()
    point = models.PointField(srid=4326, null=True)
    accuracy_m = models.FloatField(null=True)
    fixed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)


class Off(models.TextChoices):
    """Why a webhook is off."""

    NO = "", "—"
    BY_HAND = "by_hand", "手动停用"
    FAILING = "failing", "连续失败"
    GONE = "gone", "对方已撤销"


class Hook(models.Model):
    """A webhook: an address of another system that is told of the events of an area."""

    id = models.UUIDField(primary_key=True)  # made by the client
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    area_code = models.CharField(max_length=15)
    kinds = ArrayField(models.CharField(max_length=40), default=list)  # empty: all
    # Both sides sign with it, so it stands here as it is; people see it once. The one before is signed with too, for a day.
    secret = models.CharField(max_length=100)
    old_secret = models.CharField(max_length=100, blank=True)
    old_until = models.DateTimeField(null=True)
    off = models.CharField(max_length=8, choices=Off, blank=True, default=Off.NO)
    version = models.IntegerField(default=1)
    failing_since = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)  # in a row that failed
    next_at = models.DateTimeField(null=True)  # not before; None: at once
    # One worker at a time sends: it holds the lease by its number, and a worker that was killed loses it.
    lease = models.IntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    @property
    def active(self) -> bool:
        return self.off == Off.NO


class HookReached(models.Model):
    """How far a webhook was told of one stream: everything up to `seq` was taken, or was not for it."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="reached")
    stream = models.CharField(max_length=9)
    epoch = models.CharField(max_length=12)
    seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="hook_stream_once", fields=["hook", "stream"])]


class HookAttempt(models.Model):
    """One try to tell; `asked` ones (a test, once more) wait here until a worker sends them. The last hundred are kept."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="attempts")
    message = models.CharField(max_length=60)
    stream = models.CharField(max_length=9, blank=True)  # empty: a test
    seq = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=40)
    asked = models.BooleanField(default=False)
    at = models.DateTimeField(null=True)  # None: not sent yet
    status = models.IntegerField(null=True)  # of HTTP; None: nothing came back
    trouble = models.CharField(max_length=20, blank=True)
    took_ms = models.IntegerField(null=True)
