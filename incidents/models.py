"""Rows of incidents: the catalogue, the calendar, cases, who was assigned, what was said, photos."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import F, Q
from django.utils import timezone

from gridmap.models import Department, Transform, User
from incidents.questions import CHANNELS, Kind, Question
from incidents.workflow import LEVEL_LABELS, STATE_LABELS, TERMINAL, Level, State


class Domain(models.TextChoices):
    EVENT = "event", "事件"
    OBJECT = "object", "部件"


class Origin(models.TextChoices):
    """Where a report came from. Those of citizens are verified before they are filed."""

    PATROL = "patrol", "巡查"
    SELF_HANDLED = "self_handled", "自行处理"
    CITIZEN = "citizen", "市民"
    HOTLINE = "hotline", "12345 热线"
    MEDIA = "media", "媒体"
    SUPERIOR = "superior", "上级交办"
    SENSOR = "sensor", "设备"
    IMPORT = "import", "导入"


CITIZEN_ORIGINS = (Origin.CITIZEN, Origin.HOTLINE, Origin.MEDIA)


def _span(name: str, default: int, most: int, hint: str) -> "models.PositiveSmallIntegerField[int, int]":
    """A distance or a number of days of a class that an administrator may set."""
    limits = [MinValueValidator(1), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(name, default=default, validators=limits, help_text=hint)


class IncidentClass(models.Model):
    """A class of the catalogue. Codes belong to a scheme and are never compared across schemes."""

    scheme = models.CharField("标准", max_length=30)
    domain = models.CharField("大类", max_length=6, choices=Domain)
    code = models.CharField("代码", max_length=12)
    major = models.CharField("类别", max_length=40)
    name = models.CharField("名称", max_length=60)
    name_en = models.CharField("英文名称", max_length=100, blank=True)
    pinyin = models.CharField(max_length=200, blank=True, editable=False)
    initials = models.CharField(max_length=60, blank=True, editable=False)
    handlers = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name="通常处置部门")
    urgent = models.BooleanField("紧急", default=False)
    near_m = _span("附近半径(米)", 50, 1000, "上报时提示这么近的未办结同类案件")
    near_days = _span("附近时限(天)", 30, 3660, "只提示这些天以内上报的案件")
    recur_m = _span("复发半径(米)", 30, 1000, "结案后在这么近再次上报,算复发")
    recur_days = _span("复发时限(天)", 30, 3660, "结案后这些天以内再次上报,算复发")
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "案件类别"
        ordering: ClassVar = ["scheme", "domain", "code"]
        constraints: ClassVar = [models.UniqueConstraint(name="class_once", fields=["scheme", "domain", "code"])]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"

    @property
    def key(self) -> str:
        return f"{self.scheme}/{self.domain}/{self.code}"


class ClassCondition(models.Model):
    """How bad it is, and the limit that follows: limits belong to class and condition, and have effective dates."""

    klass = models.ForeignKey(IncidentClass, on_delete=models.CASCADE, related_name="conditions")
    number = models.SmallIntegerField("序号")
    label = models.CharField("情形", max_length=100)
    label_en = models.CharField("英文", max_length=100, blank=True)
    limit = models.CharField("时限", max_length=8, help_text="4h 工作时,2d 工作日,2h! 紧急工作时")
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "情形与时限"
        ordering: ClassVar = ["klass", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="condition_once", fields=["klass", "number", "valid_from"]),
            models.CheckConstraint(name="condition_limit_form", condition=Q(limit__regex=r"^[1-9]\d{0,4}[mhd]!?$")),
        ]

    def __str__(self) -> str:
        return self.label


class ClassQuestion(models.Model):
    """What a class asks of a report besides the place and the words (`incidents/questions.py` says how)."""

    klass = models.ForeignKey(IncidentClass, on_delete=models.CASCADE, related_name="questions", verbose_name="类别")
    position = models.PositiveSmallIntegerField("顺序")
    key = models.CharField("键", max_length=30, help_text="小写字母、数字和下划线,同一类别内不重复")
    label = models.CharField("问题", max_length=100)
    label_en = models.CharField("英文", max_length=200)
    kind = models.CharField("种类", max_length=6, choices=[(k, k.value) for k in Kind])
    required = models.BooleanField("必答", default=False)
    choices = models.JSONField(
        "选项", default=list, blank=True, help_text='[{"value": "a", "label": "甲", "label_en": "A"}]'
    )
    when_key = models.CharField("取决于", max_length=30, blank=True, help_text="前面某个问题的键")
    when_answer = models.CharField("的答案", max_length=30, blank=True, help_text="是:yes,否:no,或选项的 value")
    stop_answer = models.CharField("答此则停", max_length=30, blank=True)
    stop_channel = models.CharField("并请拨打", max_length=3, blank=True, choices=[(c, c) for c in CHANNELS])

    class Meta:
        verbose_name = verbose_name_plural = "上报问题"
        ordering: ClassVar = ["klass", "position"]
        constraints: ClassVar = [models.UniqueConstraint(name="question_once", fields=["klass", "key"])]

    def __str__(self) -> str:
        return self.label

    @property
    def as_asked(self) -> Question:
        """The question as the pure rules know it."""
        return Question(
            key=self.key, label=self.label, label_en=self.label_en, kind=Kind(self.kind), required=self.required,
            choices=tuple(self.choices), when=(self.when_key, self.when_answer) if self.when_key else None,
            stop={self.stop_answer: self.stop_channel} if self.stop_channel else None,
        )  # fmt: skip


class Holiday(models.Model):
    """A day that differs from the weekday rule: a holiday, or a make-up working day."""

    date = models.DateField("日期", primary_key=True)
    working = models.BooleanField("上班")
    name = models.CharField("名称", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering: ClassVar = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Incident(models.Model):
    """A case from report to close. Every change raises `version` and writes one event."""

    id = models.UUIDField(primary_key=True)
    street = models.CharField(max_length=9)
    number = models.BigIntegerField()
    area_code = models.CharField(max_length=15, db_index=True)
    point = models.PointField(srid=4326, null=True, spatial_index=False)
    point_3857 = models.GeneratedField(
        expression=Transform(F("point"), 3857),
        output_field=models.PointField(srid=3857, null=True, spatial_index=False),
        db_persist=True,
    )
    address = models.CharField(max_length=200, blank=True)
    klass = models.ForeignKey(IncidentClass, on_delete=models.PROTECT)
    condition = models.ForeignKey(ClassCondition, on_delete=models.PROTECT, null=True)
    description = models.TextField(blank=True)
    source = models.CharField(max_length=12, choices=Origin)
    state = models.CharField(max_length=10, choices=[(s, STATE_LABELS[s]["zh"]) for s in State])
    level = models.CharField(max_length=9, choices=[(v, LEVEL_LABELS[v]["zh"]) for v in Level], default=Level.STREET)
    urgent = models.BooleanField(default=False)
    reporter = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    departments = ArrayField(models.BigIntegerField(), default=list)  # it is or was assigned to these
    verified_report = models.BooleanField(default=False)
    handled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    verifier = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    cover = models.UUIDField(null=True)  # the first photo
    reports = models.IntegerField(default=1)  # how often it was reported, with those that joined or were merged
    joined_by = ArrayField(models.BigIntegerField(), default=list)  # whose report it is besides the reporter
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="merged")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="children")
    answers = models.JSONField(null=True)  # to the questions of its class, with the words as they were asked
    recurrence_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, db_index=False, related_name="recurrences"
    )
    occurred_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # when the one who must act now has to be done
    overdue = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    step_version = models.IntegerField(
        default=1
    )  # the version that the last step made; notes, photos and marks raise only `version`
    imported = models.JSONField(null=True)  # what an import said that has no field here, as it said it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="incident_number", fields=["street", "number"]),
            models.CheckConstraint(name="incident_state_known", condition=Q(state__in=list(State))),
            models.CheckConstraint(name="incident_in_street", condition=Q(area_code__startswith=F("street"))),
            models.CheckConstraint(
                name="incident_merged_somewhere",
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            GistIndex(name="incident_point_3857", fields=["point_3857"]),
            GinIndex(name="incident_departments", fields=["departments"]),
            GinIndex(name="incident_joined_by", fields=["joined_by"]),
            models.Index(
                name="incident_due",
                fields=["due_at"],
                condition=~Q(state__in=sorted(TERMINAL)) & Q(due_at__isnull=False, overdue=False),
            ),
            models.Index(
                name="incident_open", fields=["street", "-reported_at"], condition=~Q(state__in=sorted(TERMINAL))
            ),
            models.Index(name="incident_new", fields=["street", "-reported_at"]),
            models.Index(name="incident_reporter", fields=["reporter", "-reported_at"]),
            *(
                models.Index(name=f"incident_{name}", fields=[name], condition=Q(**{f"{name}__isnull": False}))
                for name in ("merged_into", "parent", "recurrence_of")
            ),
            models.Index(name="incident_verifier", fields=["verifier"], condition=Q(verifier__isnull=False)),
        ]

    @property
    def label(self) -> str:
        """The number people read: day of the report and running number of the street."""
        return f"{self.day}-{self.number}"

    @property
    def day(self) -> str:
        """The day of the report in local time, as yymmdd."""
        return f"{timezone.localtime(self.reported_at):%y%m%d}"


class Assignment(models.Model):
    """A department's turn with an incident, and its handling clock: running (`due_at`) or paused (`left_s`)."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="assignments")
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    limit = models.CharField(max_length=8)
    due_at = models.DateTimeField(null=True)
    left_s = models.IntegerField(
        null=True
    )  # seconds of the limit's own clock that were left when it was paused; below zero: overdue by
    assigned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["assigned_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_assignment", fields=["incident"], condition=Q(ended_at__isnull=True)
            ),
        ]


class Remark(models.Model):
    """What was said with an action: a reason, a note, how it was handled. Kept apart from the log, never edited."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="remarks")
    version = models.IntegerField()  # the version of the incident that the action made
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="remark_per_action", fields=["incident", "version"])]


class JoinedReport(models.Model):
    """The same thing reported once more: no case of its own. What was said is the remark of `version`."""

    id = models.UUIDField(primary_key=True)  # made by the client
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="joined")
    version = models.IntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=12, choices=Origin)
    point = models.PointField(srid=4326, spatial_index=False)
    occurred_at = models.DateTimeField()
    joined_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["joined_at"]


class CaseLink(models.Model):
    """The other case that an entry of a timeline speaks of. Not in the log: who hears one may not see the other."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="links")
    version = models.IntegerField()
    other = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="link_per_action", fields=["incident", "version"])]


class Attachment(models.Model):
    """A photo: re-encoded, without metadata. The file lies under MEDIA_ROOT by its digest."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="attachments")
    joined = models.ForeignKey(JoinedReport, on_delete=models.PROTECT, null=True, related_name="photos")
    kind = models.CharField(max_length=6, choices=[("before", "处置前"), ("after", "处置后")])
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField()
    height = models.IntegerField()
    size = models.IntegerField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at"]
