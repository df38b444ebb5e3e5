from django.apps import AppConfig


class GridmapConfig(AppConfig):
    name = "gridmap"
    verbose_name = "网格与授权"

    def ready(self) -> None:
        from gridmap import jobs  # noqa: PLC0415  # models are ready only now

        jobs.subscribe()
