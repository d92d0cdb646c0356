"""Whether one router has the virtual IPs, by what the witnesses say."""

import pytest

from app.lvs.pair.split_brain import OwnershipEvidence

PARTNER = "10.0.0.3"


def seen(own: bool, vrrp: bool | None, partner: bool | None, probe: str | None) -> OwnershipEvidence:
    return OwnershipEvidence(own=own, vrrp=vrrp, partner=partner, probe=probe)


@pytest.mark.parametrize(
    ("witnesses", "dispute"),
    [
        (seen(True, False, False, ""), ""),
        (seen(True, None, None, None), ""),
        (seen(True, True, None, None), "two"),
        (seen(True, False, True, ""), "two"),
        (seen(True, False, False, "02:00:00:00:00:09"), "two"),
        (seen(False, True, None, None), ""),
        # Who was elected need not serve.
        (seen(False, True, None, ""), "nobody"),
        (seen(False, True, False, None), "nobody"),
        (seen(False, True, True, ""), "nobody"),
        (seen(False, True, False, "02:00:00:00:00:09"), ""),
        (seen(False, True, True, None), ""),
        (seen(False, None, True, ""), ""),
        (seen(False, False, True, ""), ""),
        (seen(False, False, False, "02:00:00:00:00:09"), ""),
        (seen(False, False, False, None), "nobody"),
        (seen(False, False, None, ""), "nobody"),
        (seen(False, None, None, ""), "nobody"),
        # A silence alone is no word: the cable may be cut.
        (seen(False, False, None, None), ""),
        (seen(False, None, None, None), ""),
    ],
)
def test_what_is_wrong_follows_from_all_who_say_something(witnesses: OwnershipEvidence, dispute: str) -> None:
    assert witnesses.dispute == dispute


def test_two_owners_are_told_with_those_who_say_so_and_those_who_say_nothing() -> None:
    assert seen(True, True, None, "02:00:00:00:00:09").sentence("two", PARTNER) == (
        "Split brain: this router and 10.0.0.3 both own the virtual IPs. Reported by VRRP, where 10.0.0.3 claims "
        "them; and the network, where 02:00:00:00:00:09 answers for them. No information from the partner itself."
    )


def test_a_machine_that_is_not_the_partner_is_not_called_it() -> None:
    sentence = seen(True, False, False, "02:00:00:00:00:09").sentence("two", PARTNER)
    assert "another machine on the network has them too" in sentence
    assert "Reported by the network, where 02:00:00:00:00:09 answers for them." in sentence


def test_nobody_is_told_with_those_who_say_so_and_those_who_say_otherwise() -> None:
    assert seen(False, True, None, "").sentence("nobody", PARTNER) == (
        "Nobody answers for the virtual IPs: this router does not own them, and 10.0.0.3, which claims them, does "
        "not serve them. Reported by the network, where no machine answers for them. Contradicted by VRRP, where "
        "10.0.0.3 claims them. No information from the partner itself."
    )


def test_nobody_is_told_with_those_who_say_so() -> None:
    assert seen(False, False, False, "").sentence("nobody", PARTNER) == (
        "No router owns the virtual IPs, neither this one nor 10.0.0.3. Reported by VRRP, where 10.0.0.3 does not "
        "claim them; the partner itself; and the network, where no machine answers for them."
    )
