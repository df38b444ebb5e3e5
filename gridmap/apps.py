from django.apps import AppConfig


class GridmapConfig(AppConfig):
    name = "gridmap"
    verbose_name = "网格与授权"
