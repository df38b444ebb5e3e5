"""Changed grants are taken up by open sockets at once: joined, left, closed."""

import asyncio

from gridmap import actions
from gridmap.models import Grant, Role, User
from tests.factories import CELL, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET
from tests.live.site import Site, in_loop, in_thread, new_user


def revoke_all(user: User) -> None:
    for grant in Grant.objects.filter(user=user):
        actions.revoke(grant)


@in_loop
async def test_a_new_grant_is_heard_at_once_and_what_was_revoked_no_more(site: Site) -> None:
    user, token = await in_thread(new_user, Role.WORKER, OTHER_CELL)
    async with site.clients("worker") as [worker], site.client(token=token) as newcomer:
        await newcomer.start()
        before = await worker.report()
        await in_thread(actions.grant, user, Role.WORKER, CELL)
        await newcomer.live.until(lambda: f"incident:{CELL}" in newcomer.live.groups, "joined", 3)
        assert newcomer.live.scopes
        await newcomer.sees(before)  # the snapshot was loaded anew
        await newcomer.sees(await worker.report())
        await in_thread(lambda: actions.revoke(Grant.objects.get(user=user, area_code=CELL)))
        await newcomer.live.until(lambda: f"incident:{CELL}" not in newcomer.live.groups, "left", 3)
        hidden = await worker.report()
        await asyncio.sleep(0.5)
        assert newcomer.live.cards == await newcomer.fresh()
        assert hidden["id"] not in newcomer.live.cards
        assert before["id"] not in newcomer.live.cards
        assert newcomer.live.connections == 1


@in_loop
async def test_who_has_no_grant_left_is_closed(site: Site) -> None:
    user, token = await in_thread(new_user, Role.DIRECTOR, STREET)
    async with site.client(token=token) as client:
        await client.start()
        await in_thread(revoke_all, user)
        await client.live.until(lambda: client.live.closed_with == 4403, "closed", 3)


@in_loop
async def test_who_is_made_inactive_is_closed(site: Site) -> None:
    user, token = await in_thread(new_user, Role.DIRECTOR, STREET)
    async with site.client(token=token) as client:
        await client.start()
        await in_thread(User.objects.filter(pk=user.pk).update, is_active=False)
        await in_thread(actions.user_changed, user)
        await client.live.until(lambda: client.live.closed_with == 4403, "closed", 3)


@in_loop
async def test_a_moved_person_hears_her_new_street_on_the_same_socket(site: Site) -> None:
    user, token = await in_thread(new_user, Role.DIRECTOR, STREET)
    async with site.clients("worker", "other_worker") as [worker, other], site.client(token=token) as client:
        await client.start()
        await in_thread(actions.grant, user, Role.DIRECTOR, OTHER_STREET)
        await in_thread(lambda: actions.revoke(Grant.objects.get(user=user, area_code=STREET)))
        groups = {f"incident:{OTHER_STREET}"}
        await client.live.until(
            lambda: {g for g in client.live.groups if g.startswith("incident")} == groups, "moved", 3
        )
        await client.sees(await other.report(cell=OTHER_CELL))
        unseen = await worker.report(cell=NEXT_CELL)
        await asyncio.sleep(0.5)
        assert unseen["id"] not in client.live.cards
        assert set(client.live.cursors.base) == {OTHER_STREET}
