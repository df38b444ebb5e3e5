"""Map data for administrators: what was loaded, from where, under which licence. Loading is a command."""

from django.contrib import admin
from django.http import HttpRequest

from layers.models import Source


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    list_display = ("key", "name", "kind", "area_code", "version", "imported_at", "attribution", "licence")
    list_filter = ("kind",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        return False
