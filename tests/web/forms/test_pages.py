"""Every keyword that does something can be set on a page."""

import pytest

from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import Network
from app.web.forms.pages import (
    ADMIN_INPUTS,
    LOAD_TOOLS,
    NETMASKS,
    NETWORKS,
    SCRIPT_INPUTS,
    SERVER_INPUTS,
    global_inputs,
    redundancy_inputs,
    virtual_inputs,
)

SET_BY_A_BUTTON = {
    BlockKind.GLOBAL: {"serial_no", "backup_active", "network"},
    BlockKind.VIRTUAL: {"active"},
    BlockKind.SERVER: {"active", "admin_state"},
}
ASKED = {
    BlockKind.GLOBAL: (*global_inputs(with_nat=True), *redundancy_inputs(Config(primary_private=None))),
    BlockKind.VIRTUAL: (*virtual_inputs(VirtualServer(name="a")), *SCRIPT_INPUTS),
    BlockKind.SERVER: (*SERVER_INPUTS, *ADMIN_INPUTS),
}
ONLY_WITH_A_PRIMARY_PRIVATE = {"backup_private"}


@pytest.mark.parametrize("place", list(ASKED), ids=lambda place: place or "global")
def test_every_keyword_with_effect_has_a_field_on_some_page(place: BlockKind) -> None:
    asked = (
        {keyword.keyword.name for keyword in ASKED[place]} | SET_BY_A_BUTTON[place] | ONLY_WITH_A_PRIMARY_PRIVATE
    )
    acting = {name for name, keyword in KEYWORDS[place].items() if keyword.has_effect}
    assert acting - asked == set()


def test_no_two_boxes_of_a_page_have_one_name() -> None:
    for inputs in (
        global_inputs(with_nat=True),
        virtual_inputs(VirtualServer(name="a")),
        SCRIPT_INPUTS,
        SERVER_INPUTS,
    ):
        names = [box.name for asked in inputs for box in asked.boxes()]
        assert len(names) == len(set(names))


def test_the_netmasks_offered_are_piranhas() -> None:
    assert len(NETMASKS) == 16
    assert (NETMASKS[0], NETMASKS[1], NETMASKS[8], NETMASKS[-1]) == (
        "255.255.255.255",
        "255.255.255.252",
        "255.255.254.0",
        "255.255.0.0",
    )


def test_the_network_types_have_piranhas_names() -> None:
    assert dict(NETWORKS) == {Network.NAT: "NAT", Network.DIRECT: "Direct Routing", Network.TUNNEL: "Tunneling"}
    assert LOAD_TOOLS[:3] == ("none", "rup", "ruptime")
