from importlib import import_module

from django.apps import AppConfig


class LayersConfig(AppConfig):
    name = "layers"
    verbose_name = "地图数据"

    def ready(self) -> None:
        import_module("layers.events")  # makes the event classes known
