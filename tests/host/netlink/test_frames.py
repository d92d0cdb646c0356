import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.netlink.frames import (
    ACK,
    REQUEST,
    MalformedFrame,
    attribute,
    attributes,
    error_number,
    generic_attributes,
    generic_message,
    messages,
    nested,
)

_kinds = st.integers(1, 60)
_payloads = st.binary(max_size=40)


@given(st.dictionaries(_kinds, _payloads))
def test_attributes_come_back_as_they_were_packed(packed: dict[int, bytes]) -> None:
    view = memoryview(b"".join(attribute(kind, payload) for kind, payload in packed.items()))
    assert {kind: bytes(payload) for kind, payload in attributes(view).items()} == packed
    assert len(view) % 4 == 0


@given(_kinds, st.dictionaries(_kinds, _payloads))
def test_the_mark_of_nesting_is_no_part_of_an_attributes_number(kind: int, inner: dict[int, bytes]) -> None:
    packed = nested(kind, b"".join(attribute(number, payload) for number, payload in inner.items()))
    found = attributes(memoryview(packed))
    assert list(found) == [kind]
    assert {number: bytes(payload) for number, payload in attributes(found[kind]).items()} == inner


@given(st.lists(st.tuples(st.integers(16, 0xFFFF), st.integers(0, 0xFFFFFFFF), _payloads), max_size=8))
def test_messages_sent_together_come_apart_again(sent: list[tuple[int, int, bytes]]) -> None:
    packed = b"".join(
        generic_message(family, 4, 1, ACK, sequence, attribute(7, payload)) for family, sequence, payload in sent
    )
    found = [
        (kind, sequence, bytes(generic_attributes(body)[7]))
        for kind, flags, sequence, body in messages(memoryview(packed))
        if flags == ACK | REQUEST
    ]
    assert found == sent


@pytest.mark.parametrize("size", [0, 3, 200])
def test_it_refuses_an_attribute_that_lies_about_its_size(size: int) -> None:
    with pytest.raises(MalformedFrame, match=f"says it is {size} bytes long; 8 are there"):
        attributes(memoryview(size.to_bytes(2, "little") + bytes(6)))


def test_it_refuses_a_message_longer_than_what_was_received() -> None:
    with pytest.raises(MalformedFrame):
        list(messages(memoryview(generic_message(16, 3, 1, 0, 1, b""))[:18]))


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    try:
        for _, _, _, body in messages(memoryview(data)):
            error_number(body)
            attributes(body)
    except MalformedFrame:
        pass
