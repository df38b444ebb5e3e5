"""Map data for administrators: what was loaded, from where, under which licence. Loading is a command."""

from django.contrib import admin

from gridmap.admin import ByGrant
from layers.models import Source


@admin.register(Source)
class SourceAdmin(ByGrant, admin.ModelAdmin[Source]):
    action = "area.manage"
    may_add = may_change = False
    list_display = ("key", "name", "kind", "area_code", "version", "imported_at", "attribution", "licence")
    list_filter = ("kind",)
