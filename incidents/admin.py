"""Django admin for the catalogue and the working calendar. Cases have their own pages."""

from typing import cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from gridmap.admin import ByGrant
from gridmap.models import User
from incidents import actions
from incidents.models import ClassCondition, Holiday, IncidentClass


class ConditionInline(admin.TabularInline[ClassCondition, IncidentClass]):
    model = ClassCondition
    extra = 0


@admin.register(IncidentClass)
class ClassAdmin(ByGrant, admin.ModelAdmin[IncidentClass]):
    action = "catalogue.manage"  # without deletion: a class ends by its date
    list_display = ("name", "scheme", "domain", "code", "major", "urgent", "valid_to")
    list_filter = ("scheme", "domain", "major")
    search_fields = ("name", "name_en", "code", "pinyin", "initials")
    inlines = (ConditionInline,)


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
