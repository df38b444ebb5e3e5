"""Django admin for the kernel: areas, people, departments, grants. Changes of areas and grants stand in the log."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.gis.db import models
from django.contrib.gis.forms import BaseGeometryWidget
from django.contrib.gis.gdal import GDALException
from django.http import HttpRequest

from gridmap import access, actions, queries
from gridmap.models import ApiToken, Area, AreaSuccessor, Department, Grant, Role, User

admin.site.site_header = admin.site.site_title = "网格化管理后台"


class ByGrant:
    """The admin opens by the table of roles, and as far as the grant reaches: like everything else."""

    action: str
    placed_by: str = ""  # the field with a row's area code; rows without one are the same everywhere
    may_add = may_change = True
    may_delete = False

    def scope(self, request: HttpRequest) -> access.Scope:
        return access.scope_of(cast(User, request.user), self.action)

    def _granted(self, request: HttpRequest) -> bool:
        user = cast(User, request.user)
        return bool(user.is_active and user.is_staff and self.scope(request).clauses)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = cast(Any, super()).get_queryset(request)
        return rows.filter(self.scope(request).q(self.placed_by)) if self.placed_by else rows

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = cast(Any, super()).get_form(request, obj, change=change, **kwargs)
        form.scope = self.scope(request)
        return form

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._granted(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._granted(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and self._granted(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and self._granted(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._granted(request)


class BorderWidget(BaseGeometryWidget):
    """The border as GeoJSON text with a drawing of it made on the server: nothing is loaded from elsewhere."""

    template_name = "gridmap/border_widget.html"

    def serialize(self, value: Any) -> str:
        return value.geojson if value else ""

    def deserialize(self, value: Any) -> Any:
        try:
            return super().deserialize(value)
        except GDALException:  # GeoJSON that is none: the form says so
            return None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        shape = self.deserialize(value) if isinstance(value, str) and value else value
        context["picture"] = _svg(shape) if shape and shape.geom_type == "MultiPolygon" else ""
        return context


def _svg(shape: Any) -> str:
    """The outline as an SVG path, in Web Mercator so that it looks as on the map."""
    flat = shape.transform(3857, clone=True)
    west, south, east, north = flat.extent
    size = max(east - west, north - south) or 1
    paths = [
        "M" + "L".join(f"{(x - west) / size * 300:.1f} {(north - y) / size * 300:.1f}" for x, y, *_ in ring) + "Z"
        for polygon in flat
        for ring in polygon
    ]
    return "".join(paths)


class SuccessorInline(admin.TabularInline[AreaSuccessor, Area]):
    model = AreaSuccessor
    fk_name = "predecessor"
    extra = 0
    raw_id_fields = ("successor",)
    verbose_name = verbose_name_plural = "后继"


class AreaForm(forms.ModelForm[Area]):
    scope: access.Scope

    def clean_code(self) -> str:
        return _in_scope(self.scope, self.cleaned_data["code"])


class PlacedForm(forms.ModelForm[Any]):
    """A form with the code of an area that is there, and in reach of whoever fills it in."""

    scope: access.Scope

    def clean_area_code(self) -> str:
        code = _in_scope(self.scope, self.cleaned_data["area_code"])
        if not Area.objects.filter(pk=code).exists():
            raise forms.ValidationError("没有这个区划代码,请检查,或先建立区划。")
        return code


def _in_scope(scope: access.Scope, code: str) -> str:
    if not scope.covers(code):
        raise forms.ValidationError("这个区划不归您管理,请检查代码。")
    return code


@admin.register(Area)
class AreaAdmin(ByGrant, admin.ModelAdmin[Area]):
    action = "area.manage"  # without deletion: a code that was given stays known; it ends by its date
    placed_by = "code"
    form = AreaForm
    list_display = ("code", "name", "level", "kind", "households", "provisional", "valid_from", "valid_to")
    list_filter = ("level", "kind", "provisional")
    search_fields = ("=code", "name")
    inlines = (SuccessorInline,)
    formfield_overrides = {models.MultiPolygonField: {"widget": BorderWidget}}

    def get_readonly_fields(self, request: HttpRequest, obj: Area | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("code", "valid_to") if obj.valid_to else ("code",)  # what ended does not come back

    def save_model(self, request: HttpRequest, obj: Area, form: forms.ModelForm[Area], change: bool) -> None:
        actions.put_areas([obj], cast(User, request.user))


class GrantInline(admin.TabularInline[Grant, User]):
    model = Grant
    form = PlacedForm
    extra = 0

    def get_formset(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        cast(Any, formset.form).scope = access.scope_of(cast(User, request.user), "grant.manage")
        return formset


@admin.register(User)
class PeopleAdmin(ByGrant, UserAdmin[User]):
    action = "grant.manage"  # without deletion: who left is made inactive, and the record of actions keeps her name
    list_display = ("username", "name", "is_active")
    list_filter = ("is_active", "grants__role")
    search_fields = ("username", "name")
    inlines = (GrantInline,)
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "phone", "language", "is_active", "is_staff")}),
        ("时间", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "name", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(pk__in=queries.people_in_reach(cast(User, request.user)))

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data:
            actions.user_changed(obj, cast(User, request.user))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Grant:
            super().save_formset(request, form, formset, change)
            return
        by = cast(User, request.user)
        rows = formset.save(commit=False)
        for old, changed in formset.changed_objects:
            actions.revoke(Grant.objects.get(pk=old.pk), by)
            del changed
        for old in formset.deleted_objects:
            actions.revoke(old, by)
        for row in rows:
            actions.grant(row.user, Role(row.role), row.area_code, department=row.department, actor=by)
        formset.save_m2m()


@admin.register(Department)
class DepartmentAdmin(ByGrant, admin.ModelAdmin[Department]):
    """To be read: departments are changed on their own page, by actions that stand in the log."""

    action = "department.manage"
    may_add = may_change = False
    placed_by = "area_code"
    form = PlacedForm
    list_display = ("code", "name", "name_en", "area_code", "valid_to")
    search_fields = ("code", "name")


@admin.register(ApiToken)
class TokenAdmin(ByGrant, admin.ModelAdmin[ApiToken]):
    action = "grant.manage"
    may_add = False  # `manage.py token USER LABEL` makes one and shows it once
    may_delete = True
    list_display = ("label", "user", "created_at", "expires_at")
    fields = ("user", "label", "expires_at")
    readonly_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(user__in=queries.people_in_reach(cast(User, request.user)))
