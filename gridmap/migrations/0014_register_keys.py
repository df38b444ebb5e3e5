"""Natural keys know more spellings of a number (3#, 第3栋, 101房): those of records in force are made anew.

Where two records in force come to one key, the one that was recorded first has it; the other keeps the key that it had, until
somebody ends one of the two.
"""

from typing import Any

from django.db import migrations

from gridmap.register.checks import KEY_MOST, same

# By which text each is known, and how many parts stand before it in the key.
NAMED = (("Place", "name", 2), ("Household", "label", 1), ("Organisation", "name", 1))
MAY_DIFFER = "#|座|门|房|第|-"


def make_anew(apps: Any, _: Any) -> None:
    for model, text, before in NAMED:
        rows = apps.get_model("gridmap", model).objects.filter(ended_at=None)
        some = rows.filter(**{f"{text}__regex": MAY_DIFFER, "natural_key__contains": "|"}).order_by("created_at", "pk")
        for pk, name, key in list(some.values_list("pk", text, "natural_key")):
            now = "|".join([*key.split("|", before)[:before], same(name)])[:KEY_MOST]
            if now != key and not rows.filter(natural_key=now).exists():
                rows.filter(pk=pk).update(natural_key=now)


class Migration(migrations.Migration):
    dependencies = [("gridmap", "0013_intake_mended")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
