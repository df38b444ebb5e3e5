"""`manage.py count_again`: makes the facts that statistics count anew, street by street."""

from typing import Any

from django.core.management.base import BaseCommand

from incidents.actions import remake_facts, sum_again
from incidents.models import Incident


class Command(BaseCommand):
    help = "Make the facts of all cases anew, as after a change of the working calendar."

    def handle(self, *args: Any, **options: Any) -> None:
        for street in Incident.objects.order_by().values_list("street", flat=True).distinct():
            self.stdout.write(f"{street}: {remake_facts(street)} cases")
        sum_again()
