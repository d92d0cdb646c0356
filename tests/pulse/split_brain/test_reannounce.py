"""Who has the virtual IPs announces them again where the other one had them too until a moment ago."""

import asyncio
from collections.abc import Callable

from app.host.packets.vrrp_frames import Advert
from app.pulse.split_brain.reannounce import Reannouncer
from app.pulse.vrrp.adverts import AdvertListener
from tests.lvs.pair.virtual_router import BACKUP

CLAIMS, GIVES_UP = Advert(36, 150, 100), Advert(36, 0, 100)


class Heard:
    """What one of the two hears from the other, and what it does then."""

    def __init__(self) -> None:
        self.watch = AdvertListener(lambda: None)
        self.done: list[str] = []
        self.last_word = Reannouncer(
            self.watch, lambda: self.done.append("announced"), lambda _: self.done.append("given up")
        )

    def owns(self, *, are_two: bool = False) -> None:
        self.last_word.on_role(BACKUP, "owner", are_two=are_two)

    def stands_by(self) -> None:
        self.last_word.on_role(BACKUP, "standby", are_two=False)


def done(story: Callable[[Heard], None]) -> list[str]:
    async def told() -> list[str]:
        heard = Heard()
        story(heard)
        return heard.done

    return asyncio.run(told())


def test_an_owner_that_hears_the_other_give_up_announces_again_and_once() -> None:
    def story(heard: Heard) -> None:
        heard.owns()
        heard.watch.take(GIVES_UP)
        heard.owns()
        heard.owns()

    assert done(story) == ["announced"]


def test_an_owner_that_was_one_of_two_announces_again_when_it_is_alone() -> None:
    def story(heard: Heard) -> None:
        for are_two in (False, True, True, False, False):
            heard.owns(are_two=are_two)

    assert done(story) == ["announced"]


def test_what_was_given_up_before_this_router_had_it_is_no_reason() -> None:
    def story(heard: Heard) -> None:
        heard.stands_by()
        heard.watch.take(GIVES_UP)
        heard.stands_by()
        heard.owns()

    assert done(story) == []


def test_an_owner_that_gives_way_to_the_other_tells_it_so_once() -> None:
    def story(heard: Heard) -> None:
        heard.owns()
        heard.watch.take(CLAIMS)
        heard.stands_by()
        heard.stands_by()

    assert done(story) == ["given up"]


def test_an_owner_that_gives_way_to_nobody_tells_nobody() -> None:
    def story(heard: Heard) -> None:
        heard.owns()
        heard.stands_by()

    assert done(story) == []
