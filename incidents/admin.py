"""Django admin for the catalogue, the working calendar and standard texts. Cases have their own pages."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Field, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from gridmap.admin import ByGrant, PlacedForm
from gridmap.models import User
from incidents import actions, texts
from incidents.labels import ACTION_LABELS, STATE_LABELS
from incidents.models import BookingHours, ClassCondition, ClassQuestion, Holiday, IncidentClass, StandardText
from incidents.questions import Question, faults
from incidents.workflow import State


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
    """Every change goes through the action: it stands in the log, and open deadlines are counted anew."""

    action = "catalogue.manage"
    may_delete = True
    list_display = ("date", "working", "name")
    list_filter = ("working",)
    date_hierarchy = "date"

    def get_readonly_fields(self, request: HttpRequest, obj: Holiday | None = None) -> tuple[str, ...]:
        return ("date",) if obj else ()  # another day is another row

    def save_model(self, request: HttpRequest, obj: Holiday, form: forms.ModelForm[Holiday], change: bool) -> None:
        actions.put_day(cast(User, request.user), obj.date, working=obj.working, name=obj.name)

    def delete_model(self, request: HttpRequest, obj: Holiday) -> None:
        actions.end_day(cast(User, request.user), obj.date)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Holiday]) -> None:
        for day in queryset.values_list("date", flat=True):
            actions.end_day(cast(User, request.user), day)


EVERY = ("", "—— 不限 ——")
CHOICES = {
    "state": [EVERY, *((state.value, STATE_LABELS[state]["zh"]) for state in State)],
    "action": [EVERY, *((action.value, ACTION_LABELS[action]["zh"]) for action in texts.ACTIONS)],
}


@admin.register(BookingHours)
class HoursAdmin(ByGrant, admin.ModelAdmin[BookingHours]):
    action = "text.manage"
    placed_by = "area_code"
    form = PlacedForm
    list_display = ("area_code", "mode", "minutes", "seats", "days_ahead", "notice_h")
    list_filter = ("mode",)


@admin.register(StandardText)
class TextAdmin(ByGrant, admin.ModelAdmin[StandardText]):
    action = "text.manage"
    placed_by = "area_code"
    may_delete = True
    form = PlacedForm
    list_display = ("title", "area_code", "klass", "state_name", "action_name", "preview", "position")
    list_filter = ("state", "action")
    list_select_related = ("klass",)
    search_fields = ("title", "body")
    autocomplete_fields = ("klass",)
    readonly_fields = ("preview",)
    save_as = True

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in CHOICES:
            label = db_field.verbose_name
            return forms.ChoiceField(choices=CHOICES[db_field.name], required=False, label=label)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="预览(示例案件)")
    def preview(self, row: StandardText) -> str:
        return texts.fill(row.body, texts.SAMPLE) if row.body else "保存后显示"

    @admin.display(description="案件状态", ordering="state")
    def state_name(self, row: StandardText) -> str:
        return dict(CHOICES["state"]).get(row.state, row.state)

    @admin.display(description="操作", ordering="action")
    def action_name(self, row: StandardText) -> str:
        return dict(CHOICES["action"]).get(row.action, row.action)
