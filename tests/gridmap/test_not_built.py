"""The project's own schema, catalogue and choices carry no name of what is not built."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model

from gridmap import access
from gridmap.denylist import forbidden
from gridmap.errors import MESSAGES

OWN_APPS = ("gridmap", "layers", "incidents", "patrols")


def own_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OWN_APPS]


def names_of(model: type[Model]) -> Iterator[str]:
    """Every name that the model shows: its own, those of its fields, and of their choices."""
    yield from (model.__name__, model._meta.db_table, str(model._meta.verbose_name))
    for field in model._meta.get_fields():
        yield field.name
        yield str(getattr(field, "verbose_name", ""))
        yield from (str(part) for choice in getattr(field, "choices", None) or () for part in choice)


def test_no_field_label_or_choice_of_the_schema_is_forbidden() -> None:
    models = own_models()
    assert {model._meta.app_label for model in models} >= {"gridmap", "incidents"}
    assert [(model.__name__, name) for model in models for name in names_of(model) if forbidden(name)] == []


def test_no_role_permission_or_error_is_forbidden() -> None:
    names = [*access.TABLE, *(str(part) for role in access.EVERYONE for part in (role.value, role.label)), *MESSAGES]
    assert [name for name in names if forbidden(name)] == []
