"""Messages: what is sent is what is read, and whatever else comes is refused in words."""

import hashlib
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.pair.lineage import NOTHING, LineageLink, RevisionId
from app.partner.channel import read_document
from app.partner.failures import MalformedMessage
from app.partner.message_fields import DATA_MAX, MessageFields, encoded
from app.partner.messages import (
    SentRevision,
    Summary,
    read_revision,
    read_summary,
    revision_document,
    sendable,
    summary_document,
)
from app.partner.verdicts import STATES, Hearer, PartnerVerdict, Target, Teller, VerdictChanges, read_news

FINGERPRINTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
VERSIONS = st.just(NOTHING) | st.builds(RevisionId, st.integers(1, 2**31 - 1), FINGERPRINTS)
TEXTS = st.text(max_size=60).map(lambda text: sendable(text, 60))
TARGETS = st.builds(Target, st.text(max_size=9), st.text(max_size=9), st.text(max_size=9), st.integers(0, 65535))
VERDICTS = st.dictionaries(TARGETS, st.builds(PartnerVerdict, st.sampled_from(STATES), st.booleans()), max_size=5)
SUMMARIES = st.builds(
    Summary,
    TEXTS,
    TEXTS,
    st.floats(0, 2**35),
    VERSIONS,
    VERSIONS,
    st.booleans(),
    st.none() | st.integers(0, 2**31 - 1),
    TEXTS,
    st.sampled_from(["", "master", "backup", "failed"]),
    st.none() | st.integers(0, 2**40),
    st.none() | st.booleans(),
    st.none() | st.booleans(),
    st.none() | st.booleans(),
    st.integers(0, 5000).map(lambda ms: ms / 1000),
    st.sampled_from(["", "two", "nobody"]),
    st.lists(st.tuples(st.floats(0, 2**35), TEXTS), max_size=8).map(tuple),
    st.builds(VerdictChanges, VERDICTS, st.frozensets(TARGETS, max_size=3), st.booleans()),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
SENT = SentRevision(
    RevisionId(2, hashlib.sha256(b"serial_no = 2\n").hexdigest()),
    1.0,
    "anna",
    "a change",
    (LineageLink(RevisionId(2, hashlib.sha256(b"serial_no = 2\n").hexdigest()), (RevisionId(1, "0" * 64),)),),
    b"serial_no = 2\n",
)


def travelled(document: dict[str, Any]) -> dict[str, Any]:
    return read_document(json.dumps(document).encode())


@given(SUMMARIES)
def test_a_summary_arrives_as_it_was_sent(summary: Summary) -> None:
    assert read_summary(travelled(summary_document(summary))) == summary


@given(SUMMARIES)
def test_a_router_of_an_earlier_version_says_nothing_of_connections_and_owners(summary: Summary) -> None:
    document = travelled(summary_document(summary))
    del document["sync"], document["owners"], document["story"]
    expected = replace(summary, sync="", connections=None, has_addresses=None, dispute="", story=())
    expected = replace(expected, hears_owner=None, reaches=None, ago_s=0.0)
    assert read_summary(document) == expected


def test_a_revision_arrives_as_it_was_sent() -> None:
    assert read_revision(travelled(revision_document(SENT))) == SENT


@given(SUMMARIES, st.data())
def test_a_summary_with_any_field_spoilt_is_read_or_refused(summary: Summary, data: st.DataObject) -> None:
    document = summary_document(summary)
    document[data.draw(st.sampled_from(sorted(document)))] = data.draw(JSON)
    try:
        read_summary(document)
    except MalformedMessage:
        return


@given(st.sampled_from(sorted(revision_document(SENT))), JSON)
def test_a_revision_with_any_field_spoilt_is_the_same_content_or_refused(name: str, value: Any) -> None:
    document = revision_document(SENT)
    document[name] = value
    try:
        assert read_revision(document).data == SENT.data
    except MalformedMessage:
        return


def test_a_content_that_is_not_what_its_fingerprint_names_is_refused() -> None:
    document = revision_document(SENT)
    document["revision"][1] = "0" * 64
    with pytest.raises(MalformedMessage, match="not the one its fingerprint names"):
        read_revision(document)


@pytest.mark.parametrize(
    "links", [[[[1, "0" * 64], [[1, "1" * 64]]]], [[[0, ""], []]], [[[2, "0" * 64], [[0, ""]]]], [[]], [[1, 2, 3]]]
)
def test_a_line_that_does_not_lead_to_older_ones_is_refused(links: list[Any]) -> None:
    with pytest.raises(MalformedMessage):
        read_revision(revision_document(SENT) | {"links": links})


def test_a_small_message_that_would_be_a_large_file_is_refused() -> None:
    bomb = zlib.compress(bytes(DATA_MAX + 1), 9)
    with pytest.raises(MalformedMessage, match="at most"):
        MessageFields({"data": encoded(bomb)}).data("data")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"nul", b"\xff", b"[" * 100_000, b'{"a": NaN}', b'{"a": ' + b"9" * 5000 + b"}", b"{}{}"]
)
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_document(data)


@given(st.lists(VERDICTS, max_size=6))
def test_who_hears_all_news_knows_what_is_told(history: list[dict[Target, PartnerVerdict]]) -> None:
    teller, hearer = Teller(), Hearer()
    for now in history:
        assert hearer.apply(teller.news(now)) == now
        again = teller.news(now)
        assert (again.changed, again.gone, again.is_all) == ({}, frozenset(), True)


def test_ten_thousand_servers_are_told_in_pieces_and_half_of_them_is_nothing_to_compare() -> None:
    now = {Target("web", f"s{number}", "192.0.2.1", 80): PartnerVerdict("up", True) for number in range(10_000)}
    teller, hearer = Teller(), Hearer()
    heard = [hearer.apply(teller.news(now)) for _ in range(5)]
    assert heard == [None] * 4 + [now]


def test_no_partner_can_use_up_the_serials_of_this_router() -> None:
    far = revision_document(replace(SENT, version=replace(SENT.version, serial_no=2**31 - 1), links=()))
    with pytest.raises(MalformedMessage, match="the serial 2147483647; at most 1073741824 is taken"):
        read_revision(travelled(far))


def test_a_name_no_page_could_be_written_with_is_refused() -> None:
    row = ["web", "half a sign: \ud83d", "10.0.0.1", 80]
    for news in ({"changed": [[*row, "up", True]], "gone": []}, {"changed": [], "gone": [row]}):
        with pytest.raises(MalformedMessage, match="is no text"):
            read_news(MessageFields(travelled({**news, "is_all": True})))
