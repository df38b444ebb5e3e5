"""The admin: usable without the internet, and what it changes stands in the log like everything else."""

import html
import re
from typing import Any

import pytest
from django.contrib import admin
from django.forms import MultiWidget
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridmap import access, actions
from gridmap.models import ApiToken, Area, Grant, Role, StreamEvent, User
from tests.factories import CELL, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET, Town

OUTSIDE = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//""", re.IGNORECASE)


@pytest.fixture
def boss(town: Town) -> Client:
    """The browser of somebody who may do everything in the admin."""
    user = actions.put_user("root", name="Root", staff=True)
    actions.grant(user, Role.ADMINISTRATOR, "99")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def form_of(page: Any) -> dict[str, Any]:
    """What a browser would send back of the main form of a change page, unchanged."""
    found: dict[str, Any] = {}
    forms = [
        page.context["adminform"].form,
        *(f for s in page.context["inline_admin_formsets"] for f in s.formset.forms),
    ]
    forms += [s.formset.management_form for s in page.context["inline_admin_formsets"]]
    for bound in (bound for form in forms for bound in form):
        value, widget = bound.value(), bound.field.widget
        if isinstance(widget, MultiWidget):  # a date and a time
            parts = widget.decompress(value) or []
            found |= {f"{bound.html_name}_{place}": str(part) for place, part in enumerate(parts) if part is not None}
        elif value is not None and value is not False:
            found[bound.html_name] = str(bound.field.prepare_value(value))
    return found


def text_of(page: Any) -> str:
    return html.unescape(page.content.decode())


# --- without the internet ---


def pages(boss: Client) -> list[str]:
    """Index, every list, every form to add, and the form of the first row of each."""
    found = [reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{name}_changelist"))
        found.append(reverse(f"{name}_add"))
        row = model._default_manager.first()
        if row:
            found.append(reverse(f"{name}_change", args=[row.pk]))
    return found


def test_no_page_of_the_admin_loads_anything_from_outside(boss: Client, town: Town) -> None:
    opened = 0
    for path in pages(boss):
        page = boss.get(path)
        assert page.status_code in (200, 403), path  # 403: what is not added by hand
        assert OUTSIDE.findall(text_of(page)) == [], path
        opened += page.status_code == 200
    assert opened > 15


def test_the_page_of_an_area_draws_its_border_and_takes_it_as_text(boss: Client) -> None:
    page = boss.get(reverse("admin:gridmap_area_change", args=[CELL]))
    text = text_of(page)
    assert OUTSIDE.findall(text) == []
    assert re.search(r'<path d="M[\d. -]+L', text)
    assert '"type": "MultiPolygon"' in text
    assert "openlayers" not in text.lower()


def test_the_admin_is_closed_to_who_is_no_staff(town: Town) -> None:
    client = Client(headers={"host": "localhost"})
    for person in (None, town.director.user, town.administrator.user):
        if person:
            client.force_login(person)
        assert client.get(reverse("admin:gridmap_area_changelist")).status_code == 302


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.HANDLER)])
def test_the_admin_shows_nothing_to_staff_that_the_table_of_roles_does_not_let_in(town: Town, role: Role) -> None:
    """Not even to a superuser of Django: what somebody may do stands in her grants alone."""
    user = actions.put_user("clerk", name="Clerk", staff=True)
    actions.grant(user, role, "99")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    for model in admin.site._registry:
        if model._meta.app_label in ("gridmap", "layers", "incidents"):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            assert client.get(reverse(f"{name}_changelist")).status_code == 403
            assert client.get(reverse(f"{name}_add")).status_code == 403


@pytest.fixture
def local(town: Town) -> Client:
    """The browser of an administrator of the first street."""
    user = actions.put_user("local", name="Local", staff=True)
    actions.grant(user, Role.ADMINISTRATOR, STREET)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def test_an_administrator_manages_what_her_grant_reaches(local: Client, town: Town) -> None:
    shown = text_of(local.get(reverse("admin:gridmap_area_changelist")))
    assert CELL in shown
    assert OTHER_CELL not in shown
    people = text_of(local.get(reverse("admin:gridmap_user_changelist")))
    assert ">alice<" in people
    for elsewhere in ("charlie", "dora", "han"):  # another street's, and one who serves the whole district
        assert f">{elsewhere}<" not in people
        user = User.objects.get(username=elsewhere)
        assert local.get(reverse("admin:gridmap_user_change", args=[user.pk])).status_code == 302
        assert local.get(reverse("admin:auth_user_password_change", args=[user.pk])).status_code == 404
    assert local.get(reverse("admin:gridmap_area_change", args=[OTHER_CELL])).status_code == 302
    tokens = text_of(local.get(reverse("admin:gridmap_apitoken_changelist")))
    assert str(ApiToken.objects.get(user=town.worker.user).pk) in tokens
    assert str(ApiToken.objects.get(user=town.other_worker.user).pk) not in tokens


@pytest.mark.parametrize("code", ["99", "990101", OTHER_STREET])
def test_nobody_gives_more_than_she_has(local: Client, town: Town, code: str) -> None:
    for username in ("eve", "local"):
        user = User.objects.get(username=username)
        path, form = grants_form(local, user)
        row = one_more(form, role="administrator", area_code=code, user=str(user.pk), id="", department="")
        page = local.post(path, row)
        assert page.status_code == 200
        assert page.context["errors"]
    assert not Grant.objects.filter(area_code=code, role="administrator").exists()


def test_nobody_makes_areas_elsewhere(local: Client) -> None:
    path = reverse("admin:gridmap_area_add")
    new = form_of(local.get(path)) | {"name": "x", "valid_from": "2025-01-01"}
    assert local.post(path, new | {"code": OTHER_STREET + "009"}).status_code == 200
    assert local.post(path, new | {"code": STREET + "009"}).status_code == 302
    assert [area.code for area in Area.objects.filter(code__endswith="009")] == [STREET + "009"]


# --- what it changes ---


def said(kind: str, thing: str) -> list[StreamEvent]:
    return list(StreamEvent.objects.filter(kind=kind, object_id=thing).order_by("created_at"))


def test_a_border_that_is_changed_is_stored_and_said(boss: Client) -> None:
    path = reverse("admin:gridmap_area_change", args=[CELL])
    before = len(said("area.changed", CELL))
    shape = "MULTIPOLYGON(((105 28,105.008 28,105.008 28.02,105 28.02,105 28)))"
    answer = boss.post(path, form_of(boss.get(path)) | {"name": "新网格", "geom": f"SRID=4326;{shape}"})
    assert answer.status_code == 302, answer.context and answer.context["errors"]
    area = Area.objects.get(pk=CELL)
    assert (area.name, area.geom.extent if area.geom else None) == ("新网格", (105.0, 28.0, 105.008, 28.02))
    events = said("area.changed", CELL)
    assert len(events) == before + 1
    assert events[-1].actor_id == User.objects.get(username="root").pk


@pytest.mark.parametrize(
    "border", ["POINT(105 28)", "nonsense", '{"type": "Polygon"}', "MULTIPOLYGON(((105 28,106 28)))"]
)
def test_what_is_no_border_is_refused_on_the_page(boss: Client, border: str) -> None:
    path = reverse("admin:gridmap_area_change", args=[CELL])
    before = StreamEvent.objects.count()
    page = boss.post(path, form_of(boss.get(path)) | {"geom": border})
    assert page.status_code == 200
    assert page.context["errors"]
    assert StreamEvent.objects.count() == before


@pytest.mark.parametrize("code", ["123", "99010", "abc", "990101001001001001", CELL])
def test_a_new_area_needs_a_new_code_of_the_right_form(boss: Client, code: str) -> None:
    path = reverse("admin:gridmap_area_add")
    before = (Area.objects.count(), StreamEvent.objects.count())
    page = boss.post(path, form_of(boss.get(path)) | {"code": code, "name": "x", "valid_from": "2025-01-01"})
    assert page.status_code == 200
    assert page.context["errors"]
    assert (Area.objects.count(), StreamEvent.objects.count()) == before


def test_a_new_area_is_stored_with_its_level_and_said(boss: Client) -> None:
    path = reverse("admin:gridmap_area_add")
    code = NEXT_CELL[:12] + "009"
    answer = boss.post(path, form_of(boss.get(path)) | {"code": code, "name": "第九网格", "valid_from": "2025-01-01"})
    assert answer.status_code == 302
    assert Area.objects.get(pk=code).level == 6
    assert len(said("area.changed", code)) == 1


def test_a_code_cannot_be_changed_deleted_or_brought_back(boss: Client) -> None:
    path = reverse("admin:gridmap_area_change", args=[CELL])
    assert boss.post(reverse("admin:gridmap_area_delete", args=[CELL]), {"post": "yes"}).status_code == 403
    boss.post(path, form_of(boss.get(path)) | {"code": "990101001001777", "valid_to": timezone.localdate().isoformat()})
    assert Area.objects.get(pk=CELL).valid_to == timezone.localdate()
    assert not Area.objects.filter(pk="990101001001777").exists()
    boss.post(path, form_of(boss.get(path)) | {"valid_to": "", "name": "zurück"})
    assert Area.objects.get(pk=CELL).valid_to == timezone.localdate()


# --- grants ---


def grants_form(boss: Client, user: User) -> tuple[str, dict[str, Any]]:
    path = reverse("admin:gridmap_user_change", args=[user.pk])
    return path, form_of(boss.get(path))


def one_more(form: dict[str, Any], **row: Any) -> dict[str, Any]:
    place = int(form["grants-TOTAL_FORMS"])
    return (
        form | {"grants-TOTAL_FORMS": str(place + 1)} | {f"grants-{place}-{name}": value for name, value in row.items()}
    )


def test_a_grant_that_is_given_counts_and_is_said(boss: Client, town: Town) -> None:
    user = town.stranger.user
    path, form = grants_form(boss, user)
    row = one_more(form, role="acceptor", area_code=STREET, user=str(user.pk), id="", department="")
    answer = boss.post(path, row)
    assert answer.status_code == 302, (answer.context["errors"], row)
    assert list(user.grants.values_list("role", "area_code")) == [("acceptor", STREET)]
    (event,) = said("grant.changed", str(user.pk))
    assert (event.area_code, event.persons, event.actor and event.actor.username) == (STREET, [user.pk], "root")
    assert "incident.file" in town.stranger.get("/me").json()["actions"]


def test_a_grant_that_is_taken_counts_and_is_said(boss: Client, town: Town) -> None:
    user = town.worker.user
    before = len(said("grant.changed", str(user.pk)))
    path, form = grants_form(boss, user)
    assert boss.post(path, form | {"grants-0-DELETE": "on"}).status_code == 302
    assert not user.grants.exists()
    assert len(said("grant.changed", str(user.pk))) == before + 1


def test_a_grant_that_is_changed_is_taken_and_given(boss: Client, town: Town) -> None:
    user = town.worker.user
    before = len(said("grant.changed", str(user.pk)))
    path, form = grants_form(boss, user)
    assert boss.post(path, form | {"grants-0-area_code": NEXT_CELL}).status_code == 302
    assert list(user.grants.values_list("role", "area_code")) == [("worker", NEXT_CELL)]
    assert [event.area_code for event in said("grant.changed", str(user.pk))[before:]] == [CELL, NEXT_CELL]


@pytest.mark.parametrize(
    "row",
    [
        {"role": "acceptor", "area_code": "nowhere"},
        {"role": "acceptor", "area_code": "99010"},
        {"role": "acceptor", "area_code": "510502001"},
        {"role": "handler", "area_code": STREET},
        {"role": "mayor", "area_code": STREET},
    ],
)
def test_a_grant_that_is_none_is_refused_on_the_page(boss: Client, town: Town, row: dict[str, str]) -> None:
    user = town.stranger.user
    path, form = grants_form(boss, user)
    before = StreamEvent.objects.count()
    page = boss.post(path, one_more(form, **row, user=str(user.pk), id="", department=""))
    assert page.status_code == 200
    assert page.context["errors"]
    assert not Grant.objects.filter(user=user).exists()
    assert StreamEvent.objects.count() == before


def test_who_is_made_inactive_is_out_and_her_channels_are_told(boss: Client, town: Town) -> None:
    user = town.worker.user
    before = len(said("grant.changed", str(user.pk)))
    path, form = grants_form(boss, user)
    form.pop("is_active")
    assert boss.post(path, form).status_code == 302
    assert town.worker.get("/me").status_code == 401
    assert len(said("grant.changed", str(user.pk))) == before + 1
    assert access.scope_of(User.objects.get(pk=user.pk), "incident.view").clauses == ()


def test_a_new_user_has_a_good_password_and_no_grant(boss: Client) -> None:
    path = reverse("admin:gridmap_user_add")
    new = form_of(boss.get(path)) | {"username": "neu", "name": "新人", "password1": "12345", "password2": "12345"}
    refused = boss.post(path, new)
    assert refused.status_code == 200
    assert not User.objects.filter(username="neu").exists()
    good = "Regenschirm-7-Fluss"
    answer = boss.post(path, new | {"password1": good, "password2": good})
    assert answer.status_code == 302, answer.context["errors"]
    made = User.objects.get(username="neu")
    assert made.check_password(good)
    assert not made.grants.exists()
    assert not made.is_staff


def test_tokens_are_shown_without_their_secret_and_not_made_here(boss: Client, town: Town) -> None:
    token = ApiToken.objects.get(user=town.worker.user)
    page = boss.get(reverse("admin:gridmap_apitoken_change", args=[token.pk]))
    assert page.status_code == 200
    assert token.digest not in text_of(page)
    assert town.worker.token not in text_of(page)
    assert boss.get(reverse("admin:gridmap_apitoken_add")).status_code == 403


def test_every_role_of_the_table_can_be_given(boss: Client, town: Town) -> None:
    user = town.stranger.user
    for role in Role:
        path, form = grants_form(boss, user)
        department = str(town.gardens.pk) if role is Role.HANDLER else ""
        row = one_more(form, role=role.value, area_code=STREET, user=str(user.pk), id="", department=department)
        assert boss.post(path, row).status_code == 302
    assert {grant.role for grant in user.grants.all()} == set(Role.values)
