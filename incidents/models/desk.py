"""What belongs to a person at a desk: saved filters, standard texts, which case is open before her."""

import uuid
from typing import ClassVar

from django.contrib.gis.db import models
from django.core.exceptions import ValidationError

from gridmap.models import User
from incidents import texts
from incidents.models.cases import Incident
from incidents.models.catalogue import IncidentClass


class SavedFilter(models.Model):
    """What one user looks for again and again; nobody else sees it."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=20)
    filter = models.JSONField(default=dict)
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [models.UniqueConstraint(name="filter_name_once", fields=["user", "name"])]


def only_known_places(body: str) -> None:
    """Refuses a text with a placeholder that nothing would fill."""
    unknown = texts.unknown(body)
    if unknown:
        known = "".join(f"{{{name}}}" for name in texts.PLACES)
        raise ValidationError(f"没有这个占位符:{'、'.join(unknown)}。可以用:{known}")


class StandardText(models.Model):
    """Words that an office uses often, for reasons and notes; of the area it was made for and all below."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area_code = models.CharField("区划代码", max_length=15, help_text="该区划及以下使用;街道可以有自己的用语")
    klass = models.ForeignKey(
        IncidentClass, on_delete=models.CASCADE, null=True, blank=True, verbose_name="案件类别", help_text="空:所有类别"
    )
    state = models.CharField("案件状态", max_length=20, blank=True, help_text="空:所有状态")
    action = models.CharField("操作", max_length=30, blank=True, help_text="空:所有操作")
    title = models.CharField("标题", max_length=30)
    body = models.TextField(
        "内容", max_length=texts.LONGEST, validators=[only_known_places],
        help_text="占位符:" + " ".join(f"{{{name}}}" for name in texts.PLACES),
    )  # fmt: skip
    position = models.SmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "标准用语"
        ordering: ClassVar = ["position", "title"]

    def __str__(self) -> str:
        return self.title


class Presence(models.Model):
    """Who at a desk has a case open now. Replaced while it is open, removed after: it says nothing of yesterday."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="presence_once", fields=["incident", "user"])]
