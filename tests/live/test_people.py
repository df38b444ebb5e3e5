"""People by service on the live channel: who may see them hears that something changed, and no value."""

import json
from typing import Any

from tests.live.site import Site, in_loop, in_thread
from tests.persons import NAME, NEED, PHONE, put_person


@in_loop
async def test_who_may_see_people_hears_of_them_without_a_value(site: Site) -> None:
    async with site.clients("worker", "second_worker", "director") as [worker, second, director]:
        told: list[dict[str, Any]] = []
        worker.live.on_event = lambda event, _: told.append(event)
        person = await in_thread(put_person, site.town.worker.user, need=NEED)
        await worker.report()
        await worker.live.until(lambda: len(told) > 1, "a person and a case")
        await director.live.until(lambda: director.kinds, "a case")
    assert [event["kind"] for event in told] == ["person.registered", "incident.reported"]
    assert told[0]["object"] == str(person.pk)
    assert told[0]["payload"] == {"service": "care", "fields": ["name", "need", "phone"]}
    assert [value for value in (NAME, PHONE, NEED) if value in json.dumps(told, ensure_ascii=False)] == []
    assert director.kinds == ["incident.reported"]
    assert second.kinds == []
