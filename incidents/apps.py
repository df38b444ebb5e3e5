from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"
    verbose_name = "案件"

    def ready(self) -> None:
        from incidents import jobs  # the jobs say on which events they run

        jobs.subscribe()
