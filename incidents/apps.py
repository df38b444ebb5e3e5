from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"
    verbose_name = "案件"

    def ready(self) -> None:
        from incidents import jobs  # noqa: PLC0415  # models are ready only now

        jobs.subscribe()
