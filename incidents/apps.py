from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"
    verbose_name = "案件"

    def ready(self) -> None:
        from gridmap import registry  # noqa: PLC0415  # models are ready only now
        from incidents import jobs  # noqa: PLC0415
        from incidents.actions.moving import hold_open, move_open  # noqa: PLC0415
        from incidents.queries.cell import section  # noqa: PLC0415
        from incidents.queries.workload import places_since  # noqa: PLC0415

        jobs.subscribe()
        registry.when_cells_end("incidents", move_open, hold_open)
        registry.on_the_cell_page("incidents", section)
        registry.offer_incidents(places_since)
