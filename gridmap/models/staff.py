"""People who work here: where they belong, what they were granted, who is on duty."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.gis.db import models
from django.db.models import F, Q


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
    phone = models.CharField("工作电话", max_length=20, blank=True, help_text="公示在其网格的公示牌上")
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
