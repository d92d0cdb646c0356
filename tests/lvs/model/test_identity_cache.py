"""Results kept by the identity of what they were made from."""

from app.lvs.model.config import VirtualServer
from app.lvs.model.identity_cache import IdentityCache
from tests.lvs.samples import virtual


def test_the_same_object_is_found_and_an_equal_one_is_not() -> None:
    cache: IdentityCache[VirtualServer, str] = IdentityCache()
    block = virtual()
    cache.keep(block, "made")
    cache.end_pass()
    assert cache.find(block) == "made"
    assert cache.find(virtual()) is None


def test_what_a_pass_does_not_meet_is_forgotten() -> None:
    cache: IdentityCache[VirtualServer, str] = IdentityCache()
    met, missed = virtual(), virtual(name="B")
    for block in (met, missed):
        cache.keep(block, block.name)
    cache.end_pass()
    cache.find(met)
    cache.end_pass()
    assert len(cache) == 1
    assert (cache.find(met), cache.find(missed)) == (met.name, None)


def test_it_forgets_everything_when_told_to() -> None:
    cache: IdentityCache[VirtualServer, str] = IdentityCache()
    block = virtual()
    cache.keep(block, "made")
    cache.end_pass()
    cache.forget()
    assert cache.find(block) is None
