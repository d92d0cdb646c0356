"""Editing: what the verbs do, and that an edit is there wholly or not at all."""

from dataclasses import replace

import pytest

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.layout import SourceText
from app.lvs.model.values import Network
from app.store import Edit, Gone, Store, open_store
from tests.store.stores import add_web, change, found


def names(store: Store) -> list[str]:
    return [virtual.name for virtual in store.snapshot().config.virtual]


def test_a_new_store_is_an_empty_configuration_with_serial_0(store: Store) -> None:
    assert store.snapshot().config == Config(serial_no=0)


def test_each_finished_edit_raises_the_serial_by_one(store: Store) -> None:
    assert [change(store, lambda edit: edit.config().serial_no) for _ in range(3)] == [1, 2, 3]
    assert store.snapshot().serial_no == store.snapshot().config.serial_no == 3


def test_the_config_of_an_edit_is_what_is_stored_afterwards(store: Store) -> None:
    add_web(store)
    with store.edit("anna") as edit:
        edit.set_globals(Config(network=Network.NAT))
        edit.add_virtual(VirtualServer(name="dns"), 0)
        config = edit.config()
        edit.finish("", b"")
    assert store.snapshot().config == config
    assert config.virtual[0].name == "dns"


def test_an_edit_left_without_finish_changes_nothing(store: Store) -> None:
    with store.edit("anna") as edit:
        edit.add_virtual(VirtualServer(name="web"))
    assert store.snapshot().config == Config(serial_no=0)
    assert store.revisions() == []


def test_an_edit_left_by_an_exception_changes_nothing_even_after_finish(store: Store) -> None:
    def publish(edit: Edit) -> None:
        edit.add_virtual(VirtualServer(name="web"))
        edit.finish("", b"")
        raise RuntimeError("publishing failed")

    with pytest.raises(RuntimeError, match="publishing failed"):
        change(store, publish)
    assert store.snapshot().config == Config(serial_no=0)
    assert store.revisions() == []


def test_the_next_edit_after_a_dropped_one_works(store: Store) -> None:
    with store.edit("anna") as edit:
        edit.add_virtual(VirtualServer(name="dropped"))
    assert add_web(store).virtual.name == "web"


def test_finishing_twice_is_refused(store: Store) -> None:
    with store.edit("anna") as edit:
        edit.finish("", b"")
        with pytest.raises(RuntimeError):
            edit.finish("", b"")


def test_nobody_sees_an_edit_before_it_is_left(store: Store, url: str) -> None:
    other = open_store(url)
    with store.edit("anna") as edit:
        edit.add_virtual(VirtualServer(name="web"))
        edit.finish("", b"")
        assert names(other) == names(store) == []
    assert names(other) == names(store) == ["web"]


def test_set_virtual_keeps_the_real_servers_and_set_globals_the_virtual_ones(store: Store) -> None:
    row = add_web(store)
    change(store, lambda edit: edit.set_virtual(row.id, VirtualServer(name="web", port=81)))
    change(store, lambda edit: edit.set_globals(Config(serial_no=77, network=Network.DIRECT)))
    config = store.snapshot().config
    assert config.virtual == (replace(row.virtual, port=81),)
    assert (config.serial_no, config.network) == (3, Network.DIRECT)


def test_set_globals_keeps_the_failover_blocks(store: Store) -> None:
    failover = (VirtualServer(name="fos", start_cmd="/bin/x", server=(RealServer(name="a", weight=3),)),)
    change(store, lambda edit: edit.replace(Config(failover=failover)))
    change(store, lambda edit: edit.set_globals(Config(network=Network.NAT)))
    assert store.snapshot().config == Config(serial_no=2, network=Network.NAT, failover=failover)


@pytest.mark.parametrize(
    ("position", "order"), [(0, "xabc"), (1, "axbc"), (3, "abcx"), (9, "abcx"), (None, "abcx")]
)
def test_a_virtual_server_is_added_where_it_is_wanted(
    store: Store, url: str, position: int | None, order: str
) -> None:
    for name in "abc":
        add_web(store, name)
    change(store, lambda edit: edit.add_virtual(VirtualServer(name="x"), position))
    for opened in (store, open_store(url)):
        assert "".join(names(opened)) == order
        assert [row.position for row in opened.snapshot().virtual] == [0, 1, 2, 3]


def test_a_real_server_is_added_where_it_is_wanted(store: Store, url: str) -> None:
    row = add_web(store)
    change(store, lambda edit: edit.add_server(row.id, RealServer(name="new"), 1))
    for opened in (store, open_store(url)):
        assert [server.server.name for server in found(opened, row.id).servers] == ["s0", "new", "s1"]
        assert [server.position for server in found(opened, row.id).servers] == [0, 1, 2]


def test_deleting_closes_the_gap(store: Store, url: str) -> None:
    rows = [add_web(store, name) for name in "abc"]
    change(store, lambda edit: edit.delete_virtual(rows[0].id))
    change(store, lambda edit: edit.delete_server(rows[1].servers[0].id))
    for opened in (store, open_store(url)):
        assert names(opened) == ["b", "c"]
        assert [row.position for row in opened.snapshot().virtual] == [0, 1]
        assert [server.position for server in found(opened, rows[1].id).servers] == [0]


def test_an_id_is_never_given_twice(store: Store) -> None:
    row = add_web(store)
    change(store, lambda edit: edit.delete_virtual(row.id))
    again = add_web(store)
    old = {row.id, *(server.id for server in row.servers)}
    assert old.isdisjoint({again.id, *(server.id for server in again.servers)})


def test_a_deleted_object_is_gone_and_the_store_knows_who_deleted_it(store: Store) -> None:
    row = add_web(store)
    change(store, lambda edit: edit.delete_virtual(row.id), author="berta")
    with pytest.raises(Gone, match=f"There is no real server with the id {row.servers[1].id}") as refusal:
        change(store, lambda edit: edit.set_server(row.servers[1].id, RealServer(name="s1")))
    last = store.deletion_of(refusal.value)
    assert last is not None
    assert (last.name, last.author, last.serial_no) == ("s1", "berta", 2)
    assert f"{last.at:%Y-%m-%d %H:%M}" == "2026-01-09 12:00"


def test_an_object_that_never_was_is_gone_without_a_culprit(store: Store) -> None:
    for verb in (
        lambda edit: edit.set_virtual(5, VirtualServer(name="x")),
        lambda edit: edit.delete_virtual(5),
        lambda edit: edit.add_server(5, RealServer(name="x")),
        lambda edit: edit.delete_server(5),
    ):
        with pytest.raises(Gone, match=r"There is no .* server with the id 5") as refusal:
            change(store, verb)
        assert store.deletion_of(refusal.value) is None


def test_replace_keeps_the_ids_of_blocks_by_their_names(store: Store, url: str) -> None:
    web, dns = add_web(store, "web"), add_web(store, "dns")
    new = Config(
        virtual=(
            replace(dns.virtual, port=53),
            VirtualServer(name="mail"),
            replace(web.virtual, server=(RealServer(name="s1", weight=9), RealServer(name="s7"))),
        )
    )
    change(store, lambda edit: edit.replace(new))
    for opened in (store, open_store(url)):
        snapshot = opened.snapshot()
        assert snapshot.config == replace(new, serial_no=3)
        assert [row.id for row in snapshot.virtual][::2] == [dns.id, web.id]
        assert snapshot.virtual[2].servers[0].id == web.servers[1].id
        assert snapshot.find_server(web.servers[0].id) is None


def test_replace_with_equal_names_pairs_them_in_order(store: Store) -> None:
    first, second = add_web(store, "same"), add_web(store, "same")
    change(store, lambda edit: edit.replace(Config(virtual=(first.virtual, replace(second.virtual, port=1)))))
    assert [row.id for row in store.snapshot().virtual] == [first.id, second.id]
    assert [row.changed_serial for row in store.snapshot().virtual] == [1, 3]


def test_a_block_set_without_layout_keeps_the_stored_one(store: Store, url: str) -> None:
    layout = SourceText(BlockKind.VIRTUAL, ("# mine\nvirtual web {\n}\n",), name="web")
    virtual_id = change(store, lambda edit: edit.add_virtual(VirtualServer(name="web", layout=layout)))
    change(store, lambda edit: edit.set_virtual(virtual_id, VirtualServer(name="web", port=8080)))
    for opened in (store, open_store(url)):
        assert opened.snapshot().config.virtual[0].layout == layout


def test_names_may_be_anything(store: Store, url: str) -> None:
    odd = "'; DROP TABLE users; -- é \N{SNOWMAN} {}#\""
    row = add_web(store, odd)
    assert found(open_store(url), row.id).virtual.name == odd
