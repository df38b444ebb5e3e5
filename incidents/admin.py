"""Django admin for the catalogue and the working calendar. Cases have their own pages."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet

from gridmap.admin import ByGrant
from incidents.models import ClassCondition, ClassQuestion, Holiday, IncidentClass
from incidents.questions import Question, faults


class ConditionInline(admin.TabularInline[ClassCondition, IncidentClass]):
    model = ClassCondition
    extra = 0


class QuestionForms(BaseInlineFormSet[ClassQuestion, IncidentClass, Any]):
    """All questions of a class together: they refer to one another."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form.instance for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        listed: list[Question] = [row.as_asked for row in sorted(kept, key=lambda row: row.position)]
        if said := faults(listed):
            raise ValidationError(said)


class QuestionInline(admin.StackedInline[ClassQuestion, IncidentClass]):
    model = ClassQuestion
    formset = QuestionForms
    extra = 0


@admin.register(IncidentClass)
class ClassAdmin(ByGrant, admin.ModelAdmin[IncidentClass]):
    action = "catalogue.manage"  # without deletion: a class ends by its date
    list_display = ("name", "scheme", "domain", "code", "major", "urgent", "valid_to")
    list_filter = ("scheme", "domain", "major")
    search_fields = ("name", "name_en", "code", "pinyin", "initials")
    inlines = (ConditionInline, QuestionInline)


@admin.register(Holiday)
class HolidayAdmin(ByGrant, admin.ModelAdmin[Holiday]):
    action = "catalogue.manage"
    may_delete = True
    list_display = ("date", "working", "name")
    list_filter = ("working",)
    date_hierarchy = "date"
