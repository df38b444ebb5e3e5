"""`manage.py rules`: who may do what, and the life of an incident, as the running code has them."""

from typing import Any

from django.core.management.base import BaseCommand

from gridmap import access
from incidents import workflow


class Command(BaseCommand):
    help = "Print the table of role by action and the workflow."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(access.as_text())
        self.stdout.write("")
        self.stdout.write(workflow.as_text({action: {str(r) for r in roles} for action, roles in access.TABLE.items()}))
