"""Messages: what is sent is what is read, and whatever else comes is refused in words."""

import hashlib
import json
import zlib
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from app.lvs.pair.lineage import NOTHING, LineageLink, RevisionId
from app.lvs.reports.partner import RouterReport
from app.partner.encoding import decode, encode, sendable
from app.partner.failures import MalformedMessage
from app.partner.messages import (
    DATA_MAX,
    REQUEST,
    SUMMARY,
    RevisionMessage,
    SummaryMessage,
    read_content,
    revision_message,
    summary_message,
)
from app.partner.verdicts import PartnerVerdict, Target, VerdictChanges, VerdictReceiver, VerdictSender

STATES = ("up", "down", "unknown", "unchecked", "stale")
FINGERPRINTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
VERSIONS = st.just(NOTHING) | st.builds(RevisionId, st.integers(1, 2**31 - 1), FINGERPRINTS)
TEXTS = st.text(max_size=60).map(lambda text: sendable(text, 60))
TARGETS = st.builds(Target, st.text(max_size=9), st.text(max_size=9), st.text(max_size=9), st.integers(0, 65535))
VERDICTS = st.dictionaries(TARGETS, st.builds(PartnerVerdict, st.sampled_from(STATES), st.booleans()), max_size=5)
REPORTS: st.SearchStrategy[RouterReport] = st.fixed_dictionaries(
    {
        "name": TEXTS,
        "version": TEXTS,
        "serial_no": st.just(0),
        "fingerprint": st.just(""),
        "applied": st.none() | st.integers(0, 2**31 - 1),
        "role": TEXTS,
        "sync": st.sampled_from(["", "master", "backup", "failed"]),
        "connections": st.none() | st.integers(0, 2**40),
        "has_addresses": st.none() | st.booleans(),
        "hears_owner": st.none() | st.booleans(),
        "reaches": st.none() | st.booleans(),
        "ago_s": st.integers(0, 5000).map(lambda ms: ms / 1000),
        "dispute": st.sampled_from(["", "two", "nobody"]),
        "story": st.lists(st.fixed_dictionaries({"at": st.floats(0, 2**35), "text": TEXTS}), max_size=8),
    }
)  # type: ignore[assignment]
CHANGES = st.builds(VerdictChanges, VERDICTS, st.frozensets(TARGETS, max_size=3), st.booleans())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
LVS_CF = b"serial_no = 2\n"
VERSION = RevisionId(2, hashlib.sha256(LVS_CF).hexdigest())
SENT = revision_message(
    VERSION, 1.0, "anna", "a change", (LineageLink(VERSION, (RevisionId(1, "0" * 64),)),), LVS_CF
)
FINGERPRINT_42 = "b4f131e02413b748e4f021642a7b72695622c0556f260681e4428d433205cd45"
# As they were sent before these types existed.
RECORDED_SUMMARY = (
    b'{"verb":"summary","protocol":1,"version":"1.4.0","name":"lvs2","now":1764455664.25,"head":[42,"'
    b'b4f131e02413b748e4f021642a7b72695622c0556f260681e4428d433205cd45"],"about":[0,""],"is_known":false,'
    b'"applied":42,"role":"owner","sync":{"state":"master","connections":1300},"owners":{"own":1,"heard":0,'
    b'"reaches":-1,"ago_ms":250,"dispute":"two"},"story":[[1764455600.5,"Both routers have the virtual IPs."]],'
    b'"changed":[["web","a \\u2014 b","10.0.0.1",80,"up",true]],"gone":[["web","old","10.0.0.9",80]],'
    b'"is_all":true}'
)
RECORDED_REVISION = (
    b'{"verb":"revision","revision":[42,"b4f131e02413b748e4f021642a7b72695622c0556f260681e4428d433205cd45"],'
    b'"at":1764455664.25,"author":"anna","summary":"a change","links":[[[42,"b4f131e02413b748e4f021642a7b7269'
    b'5622c0556f260681e4428d433205cd45"],[[41,"000000000000000000000000000000000000000000000000000000000000000'
    b'0"]]]],"data":"eAErTi3KTMyJz8tXsFUwMeICACy2BKo="}'
)


def summary_of(
    report: RouterReport,
    changes: VerdictChanges,
    now: float = 1.0,
    head: RevisionId = NOTHING,
    about: RevisionId = NOTHING,
    *,
    is_known: bool = False,
) -> SummaryMessage:
    named: RouterReport = {**report, "serial_no": head.serial_no, "fingerprint": head.fingerprint}
    return summary_message(named, changes, now, about, is_known=is_known)


SUMMARIES = st.builds(
    summary_of, REPORTS, CHANGES, st.floats(0, 2**35), VERSIONS, VERSIONS, is_known=st.booleans()
)


def document_of(message: Struct) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(encode(message)))


def read(document: dict[str, Any]) -> Any:
    return decode(json.dumps(document).encode(), REQUEST)


@given(SUMMARIES)
def test_a_summary_arrives_as_it_was_sent(summary: SummaryMessage) -> None:
    assert decode(encode(summary), SUMMARY) == summary


@given(REPORTS, CHANGES)
def test_what_a_router_reports_is_what_the_other_one_learns(report: RouterReport, changes: VerdictChanges) -> None:
    received = decode(encode(summary_of(report, changes)), SUMMARY)
    assert received.report == report
    assert received.verdicts == changes


def test_messages_of_the_first_version_are_read_and_written_with_the_same_keys() -> None:
    summary = decode(RECORDED_SUMMARY, SUMMARY)
    assert document_of(summary) == json.loads(RECORDED_SUMMARY)
    assert summary.report == {
        "name": "lvs2",
        "version": "1.4.0",
        "serial_no": 42,
        "fingerprint": FINGERPRINT_42,
        "applied": 42,
        "role": "owner",
        "sync": "master",
        "connections": 1300,
        "has_addresses": True,
        "hears_owner": False,
        "reaches": None,
        "ago_s": 0.25,
        "dispute": "two",
        "story": [{"at": 1764455600.5, "text": "Both routers have the virtual IPs."}],
    }
    assert summary.verdicts == VerdictChanges(
        {Target("web", "a \u2014 b", "10.0.0.1", 80): PartnerVerdict("up", True)},
        frozenset({Target("web", "old", "10.0.0.9", 80)}),
        True,
    )
    revision = decode(RECORDED_REVISION, REQUEST)
    assert isinstance(revision, RevisionMessage)
    assert document_of(revision) == json.loads(RECORDED_REVISION)
    assert read_content(revision) == b"serial_no = 42\n"


@given(SUMMARIES)
def test_a_router_of_an_earlier_version_says_nothing_of_connections_and_owners(summary: SummaryMessage) -> None:
    document = document_of(summary)
    del document["sync"], document["owners"], document["story"]
    expected: RouterReport = {
        **summary.report,
        "sync": "",
        "connections": None,
        "has_addresses": None,
        "dispute": "",
        "story": [],
        "hears_owner": None,
        "reaches": None,
        "ago_s": 0.0,
    }
    assert read(document).report == expected


@given(SUMMARIES)
def test_what_a_later_version_adds_is_ignored(summary: SummaryMessage) -> None:
    document = document_of(summary)
    document["later"] = document["owners"]["later"] = {"any": ["thing"]}
    assert read(document) == summary


def test_a_revision_arrives_as_it_was_sent() -> None:
    received = decode(encode(SENT), REQUEST)
    assert isinstance(received, RevisionMessage)
    assert received == SENT
    assert read_content(received) == LVS_CF


@given(SUMMARIES, st.data())
def test_a_summary_with_any_field_spoilt_is_read_or_refused(summary: SummaryMessage, data: st.DataObject) -> None:
    document = document_of(summary)
    document[data.draw(st.sampled_from(sorted(document)))] = data.draw(JSON)
    try:
        read(document)
    except MalformedMessage:
        return


@given(st.sampled_from(sorted(set(document_of(SENT)) - {"verb"})), JSON)
def test_a_revision_with_any_field_spoilt_is_the_same_content_or_refused(name: str, value: Any) -> None:
    document = document_of(SENT)
    document[name] = value
    try:
        assert read_content(read(document)) == LVS_CF
    except MalformedMessage:
        return


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"protocol": 2}, "speaks protocol 2, this one 1"),
        ({"protocol": 2, "head": None}, "speaks protocol 2, this one 1"),
        ({"protocol": "1"}, "Expected `int`"),
        ({"name": "x" * 65}, "length <= 64"),
        ({"name": "a\nb"}, "printable"),
        ({"name": None}, "Expected `str`"),
        ({"now": -1}, "Expected `float` >= 0.0"),
        ({"now": 2**36}, "Expected `float` <"),
        ({"now": True}, "Expected `float`"),
        ({"head": [0, "0" * 64]}, "a serial and its fingerprint"),
        ({"head": [1, ""]}, "a serial and its fingerprint"),
        ({"head": [1, "0" * 64 + "\n"]}, "regex"),
        ({"head": [2**31, "0" * 64]}, "Expected `int` <= 2147483647"),
        ({"head": [1, "0" * 64, 1]}, "length 2"),
        ({"is_known": 1}, "Expected `bool`"),
        ({"applied": -2}, "Expected `int` >= -1"),
        ({"applied": 2**31}, "Expected `int` <= 2147483647"),
        ({"sync": {"state": "", "connections": 2**40 + 1}}, "Expected `int` <="),
        ({"sync": {"state": ""}}, "missing required field `connections`"),
        ({"owners": {"own": 2, "dispute": ""}}, "Invalid enum value 2"),
        ({"owners": {"own": 1, "dispute": "", "ago_ms": 3_600_001}}, "Expected `int` <= 3600000"),
        ({"owners": {"own": 1}}, "missing required field `dispute`"),
        ({"story": [[1.0, "x" * 401]]}, "length <= 400"),
        ({"story": [[1.0, "a\x1bb"]]}, "printable"),
        ({"story": [[1.0, "x"]] * 9}, "length <= 8"),
        ({"changed": [["web", "a", "10.0.0.1", 80, "well", True]]}, "Invalid enum value 'well'"),
        ({"changed": [["web", "a", "10.0.0.1", 65536, "up", True]]}, "Expected `int` <= 65535"),
        ({"changed": [["web", "a", "10.0.0.1", 80, "up"]]}, "length 6"),
        ({"changed": [["web", "a" * 1001, "10.0.0.1", 80, "up", True]]}, "length <= 1000"),
        ({"gone": [["web", "a", "10.0.0.1", 80]] * 2001}, "length <= 2000"),
        ({"is_all": None}, "Expected `bool`"),
    ],
)
def test_a_summary_out_of_bounds_is_refused_with_what_is_accepted(change: dict[str, Any], words: str) -> None:
    with pytest.raises(MalformedMessage, match=words):
        decode(json.dumps(json.loads(RECORDED_SUMMARY) | change).encode(), SUMMARY)


@pytest.mark.parametrize(
    "change",
    [
        {"revision": [0, ""]},
        {"at": -1},
        {"author": "x" * 501},
        {"summary": "a\nb"},
        {"data": "AAAA"},
        {"data": "?"},
        {"links": [[[2, "0" * 64], [[1, "0" * 64]] * 9]]},
        {"links": [[[2, "0" * 64], []]] * 20_001},
    ],
)
def test_a_revision_out_of_bounds_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage):
        read_content(read(document_of(SENT) | change))


def test_what_is_quoted_of_a_message_is_short_and_printable() -> None:
    with pytest.raises(MalformedMessage) as refused:
        read({"verb": "\x1b]0;" + "x" * 10_000})
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 400


def test_a_content_that_is_not_what_its_fingerprint_names_is_refused() -> None:
    document = document_of(SENT)
    document["revision"][1] = "0" * 64
    with pytest.raises(MalformedMessage, match="does not match its fingerprint"):
        read_content(read(document))


@pytest.mark.parametrize(
    "links", [[[[1, "0" * 64], [[1, "1" * 64]]]], [[[0, ""], []]], [[[2, "0" * 64], [[0, ""]]]], [[]], [[1, 2, 3]]]
)
def test_a_line_that_does_not_lead_to_older_ones_is_refused(links: list[Any]) -> None:
    with pytest.raises(MalformedMessage):
        read_content(read(document_of(SENT) | {"links": links}))


def test_a_small_message_that_would_be_a_large_file_is_refused() -> None:
    bomb = replace(SENT, data=zlib.compress(bytes(DATA_MAX + 1), 9))
    with pytest.raises(MalformedMessage, match="at most"):
        read_content(bomb)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"nul", b"\xff", b"[" * 100_000, b'{"a": NaN}', b'{"a": ' + b"9" * 5000 + b"}", b"{}{}"]
)
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode(data, REQUEST)


@given(st.lists(VERDICTS, max_size=6))
def test_who_hears_all_news_knows_what_is_told(history: list[dict[Target, PartnerVerdict]]) -> None:
    sender, receiver = VerdictSender(), VerdictReceiver()
    for now in history:
        assert receiver.apply(sender.changes(now)) == now
        again = sender.changes(now)
        assert (again.changed, again.gone, again.is_all) == ({}, frozenset(), True)


def test_ten_thousand_servers_are_told_in_pieces_and_half_of_them_is_nothing_to_compare() -> None:
    now = {Target("web", f"s{number}", "192.0.2.1", 80): PartnerVerdict("up", True) for number in range(10_000)}
    sender, receiver = VerdictSender(), VerdictReceiver()
    heard = [receiver.apply(sender.changes(now)) for _ in range(5)]
    assert heard == [None] * 4 + [now]


def test_no_partner_can_use_up_the_serials_of_this_router() -> None:
    far = replace(SENT, version=RevisionId(2**31 - 1, VERSION.fingerprint), links=())
    with pytest.raises(MalformedMessage, match="the serial 2147483647; at most 1073741824 is accepted"):
        read_content(read(document_of(far)))


def test_a_name_no_page_could_be_written_with_is_refused() -> None:
    row = ["web", "half a sign: \ud83d", "10.0.0.1", 80]
    for changes in ({"changed": [[*row, "up", True]]}, {"gone": [row]}):
        with pytest.raises(MalformedMessage, match="invalid message"):
            read(json.loads(RECORDED_SUMMARY) | changes)
