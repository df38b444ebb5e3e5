"""What cases are made of: classes, limits, the calendar, procedures, routing rules."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils.functional import cached_property

from gridmap.models import Department
from incidents.procedure import Table
from incidents.questions import CHANNELS, Kind, Question


class Domain(models.TextChoices):
    EVENT = "event", "事件"
    OBJECT = "object", "部件"
    MATTER = "matter", "事务"


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
    COUNTER = "counter", "窗口"
    OPEN311 = "open311", "开放接口"
    ONLINE = "online", "网上"


CITIZEN_ORIGINS = (Origin.CITIZEN, Origin.HOTLINE, Origin.MEDIA, Origin.OPEN311)


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


class Procedure(models.Model):
    """How a class of cases is dealt with in an area: a table of stages, in versions."""

    klass = models.ForeignKey(IncidentClass, on_delete=models.PROTECT, related_name="procedures")
    area_code = models.CharField(max_length=15)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="procedure_once", fields=["klass", "area_code"])]


class ProcedureVersion(models.Model):
    """One version of a procedure. A draft has no date; one with a date is never changed: running cases keep theirs."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    valid_from = models.DateField(null=True)
    stages = models.JSONField()  # rows of procedure.Table
    guide = models.JSONField(default=dict)  # basis, conditions, materials, in both languages

    class Meta:
        ordering: ClassVar = ["procedure", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="procedure_version_once", fields=["procedure", "number"]),
            models.UniqueConstraint(
                name="one_draft_per_procedure", fields=["procedure"], condition=Q(valid_from__isnull=True)
            ),
        ]

    @cached_property
    def table(self) -> Table:
        return Table.read(self.stages)


class RuleSetState(models.TextChoices):
    DRAFT = "draft", "草稿"
    IN_FORCE = "in_force", "生效"
    RETIRED = "retired", "停用"


class RuleSet(models.Model):
    """One version of a district's routing rules. Only a draft is edited; what was in force once stays as it was.

    A draft that was given up is retired without ever having had an `effective_from`.
    """

    id = models.UUIDField(primary_key=True)
    area_code = models.CharField("区划代码", max_length=6)
    number = models.IntegerField("版本")
    state = models.CharField("状态", max_length=8, choices=RuleSetState, default=RuleSetState.DRAFT)
    effective_from = models.DateTimeField("生效时间", null=True)
    effective_to = models.DateTimeField("停用时间", null=True)
    reason = models.CharField("理由", max_length=500, blank=True)  # why it was put in force; who did stands in the log
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "派遣规则"
        ordering: ClassVar = ["area_code", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="rule_set_number", fields=["area_code", "number"]),
            models.UniqueConstraint(name="one_rule_set_in_force", fields=["area_code"], condition=Q(state="in_force")),
            models.UniqueConstraint(name="one_rule_set_draft", fields=["area_code"], condition=Q(state="draft")),
            models.CheckConstraint(name="rule_set_state_known", condition=Q(state__in=RuleSetState.values)),
        ]


class RoutingRule(models.Model):
    """One row of a rule set, as `incidents.routing.Rule` reads it.

    The department is not held by the database: one that is deleted leaves its rule behind, which then is loudly broken.
    """

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="rules")
    number = models.SmallIntegerField()
    area_code = models.CharField(max_length=15)
    class_key = models.CharField(max_length=60, blank=True)
    major = models.CharField(max_length=60, blank=True)
    months = ArrayField(models.SmallIntegerField(), default=list)
    hours = ArrayField(models.SmallIntegerField(), size=2, null=True)
    answers = models.JSONField(default=dict)
    department = models.ForeignKey(Department, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    territory = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="rule_number", fields=["rule_set", "number"]),
            models.CheckConstraint(name="rule_of_class_or_major", condition=Q(class_key="") | Q(major="")),
            models.CheckConstraint(
                name="territory_is_plain",
                condition=Q(territory=False) | Q(class_key="", major="", months=[], hours__isnull=True, answers={}),
            ),
        ]
