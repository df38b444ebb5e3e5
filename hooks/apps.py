from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "hooks"

    def ready(self) -> None:
        from hooks import jobs  # noqa: PLC0415  # models are ready only now

        jobs.subscribe()
