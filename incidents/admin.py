"""Django admin for the catalogue and the working calendar. Cases have their own pages."""

from django.contrib import admin

from gridmap.admin import ByGrant
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
    action = "catalogue.manage"
    may_delete = True
    list_display = ("date", "working", "name")
    list_filter = ("working",)
    date_hierarchy = "date"
