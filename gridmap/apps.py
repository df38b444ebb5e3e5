from django.apps import AppConfig


class GridmapConfig(AppConfig):
    name = "gridmap"
    verbose_name = "网格与授权"

    def ready(self) -> None:
        from gridmap import jobs, registry  # noqa: PLC0415  # models are ready only now
        from gridmap.actions import persons_move  # noqa: PLC0415  # as above
        from gridmap.actions.moving import hold_records, move_records  # noqa: PLC0415  # as above

        jobs.subscribe()
        registry.when_cells_end("people", persons_move.move, persons_move.hold)
        registry.when_cells_end("register", move_records, hold_records)
