"""Forms made from the register: questions that are kept, and what they gave on a day."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from gridmap.models.staff import User


class SavedForm(models.Model):
    """A question to the register that is asked again: by hand, or every month on a day."""

    id = models.UUIDField(primary_key=True)  # made by the client
    area_code = models.CharField(max_length=15)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)
    form = models.JSONField()
    day = models.SmallIntegerField(null=True, validators=[MinValueValidator(1), MaxValueValidator(28)])  # of the month
    made_on = models.DateField(null=True)  # when it was last asked by the clock
    version = models.IntegerField(default=1)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(name="form_area", fields=["area_code"])]

    def __str__(self) -> str:
        return self.name


class FormResult(models.Model):
    """What a form gave on a day. It stays as it was."""

    form = models.ForeignKey(SavedForm, on_delete=models.CASCADE, related_name="results")
    name = models.CharField(max_length=60)
    question = models.JSONField()
    rows = models.JSONField()
    more = models.BooleanField(default=False)  # there were more rows than are kept
    fault = models.CharField(max_length=24, blank=True)  # why it gave nothing: a code of the table of errors
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(name="form_result", fields=["form", "made_at"])]

    def __str__(self) -> str:
        return f"{self.name} {self.made_at:%Y-%m-%d}"
