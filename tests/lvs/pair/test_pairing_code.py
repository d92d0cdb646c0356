"""The code that joins two routers, as it is shown and as people type it."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.pair.pairing_code import LENGTH, SECRET_BITS, SIGNS, CodeRefused, PairingCode, parse_code

FINGERPRINTS = st.binary(min_size=32, max_size=32)
SECRETS = st.integers(0, 2**SECRET_BITS - 1)
CODE = PairingCode.of(hashlib.sha256(b"a").digest(), 12345678901234567890)


def test_it_is_six_groups_of_five() -> None:
    assert [len(group) for group in str(CODE).split("-")] == [5] * 6


def test_it_holds_80_bits_of_the_certificate_and_65_of_the_secret() -> None:
    assert len(CODE.fingerprint) * 5 == 80
    assert len(CODE.secret) * 5 == SECRET_BITS >= 60


@given(FINGERPRINTS, SECRETS)
def test_what_is_shown_is_what_is_read(fingerprint: bytes, secret: int) -> None:
    code = PairingCode.of(fingerprint, secret)
    assert parse_code(str(code)) == code
    assert code.is_of(fingerprint)


@given(FINGERPRINTS, SECRETS, st.integers(0, 79))
def test_each_of_the_first_80_bits_of_the_certificate_counts(fingerprint: bytes, secret: int, bit: int) -> None:
    code = PairingCode.of(fingerprint, secret)
    other = int.from_bytes(fingerprint, "big") ^ 1 << (len(fingerprint) * 8 - 1 - bit)
    assert not code.is_of(other.to_bytes(len(fingerprint), "big"))


@pytest.mark.parametrize("change", [str.lower, lambda text: text.replace("-", " "), lambda text: f"  {text}\n"])
def test_case_blanks_and_hyphens_do_not_matter(change: object) -> None:
    assert callable(change)
    assert parse_code(change(str(CODE))) == CODE


def test_letters_that_look_like_digits_are_read_as_these() -> None:
    code = PairingCode.of(bytes(32), 1)
    assert parse_code(str(code).replace("0", "o").replace("1", "l")) == code
    assert parse_code(str(code).replace("1", "I")) == code


@given(FINGERPRINTS, SECRETS, st.integers(0, LENGTH - 1), st.sampled_from(SIGNS))
def test_one_mistyped_sign_is_noticed(fingerprint: bytes, secret: int, at: int, sign: str) -> None:
    typed = str(PairingCode.of(fingerprint, secret)).replace("-", "")
    if typed[at] != sign:
        with pytest.raises(CodeRefused, match="mistyped"):
            parse_code(typed[:at] + sign + typed[at + 1 :])


@pytest.mark.parametrize("typed", ["", "abc", str(CODE)[:-1], str(CODE) + "0", "0" * 10_000])
def test_a_wrong_length_is_refused_with_the_right_one(typed: str) -> None:
    with pytest.raises(CodeRefused, match="A pairing code has 30 characters in 6 groups"):
        parse_code(typed)


def test_a_sign_that_is_in_no_code_is_named() -> None:
    with pytest.raises(CodeRefused, match="'U' is never part of a pairing code"):
        parse_code("u" + str(CODE)[1:])
    with pytest.raises(CodeRefused, match="'É' is never part of a pairing code"):
        parse_code("é" + str(CODE)[1:])


@given(st.text())
def test_anything_typed_is_a_code_or_refused(typed: str) -> None:
    try:
        parse_code(typed)
    except CodeRefused:
        return


def test_another_certificate_is_told_apart() -> None:
    assert not CODE.is_of(hashlib.sha256(b"b").digest())


def test_a_proof_is_of_one_speaker_one_secret_and_these_two_certificates() -> None:
    one, other = hashlib.sha256(b"1").digest(), hashlib.sha256(b"2").digest()
    proofs = {
        CODE.proof("second", one, other),
        CODE.proof("first", one, other),
        CODE.proof("second", other, one),
        PairingCode.of(one, 7).proof("second", one, other),
    }
    assert len(proofs) == 4


def test_the_secret_is_not_in_what_a_log_would_show() -> None:
    assert CODE.secret not in repr(CODE)
