from importlib import import_module

from django.apps import AppConfig


class LayersConfig(AppConfig):
    name = "layers"
    verbose_name = "地图数据"

    def ready(self) -> None:
        from gridmap import registry  # noqa: PLC0415  # models are ready only now
        from layers.queries.ground import ground, main_lines  # noqa: PLC0415

        import_module("layers.events")  # makes the event classes known
        registry.offer_ground(ground)
        registry.offer_main_lines(main_lines)
