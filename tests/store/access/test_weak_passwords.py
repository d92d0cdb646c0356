"""Which passwords are taken: none of those everybody tries, any of several unrelated words."""

import random
import string
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.access.weak_passwords import LENGTH_MAX, PasswordRefused, refuse_weak
from tests.store.stores import GOOD

WEAK = (
    *("short", "elevenchars", "x1" * (LENGTH_MAX // 2) + "y", "", "aaaaaaaaaaaa", "abababababab"),
    *("piranhapiranha", "Palometa-2026!", "P1r4nh4-P4l0m3t4", "lvs-lvs-lvs-1234", "keepalived123"),
    *("password1234", "Passw0rd!Passw0rd!", "administrator", "letmein-letmein", "Welcome12345!"),
    *("qwertyuiopas", "1q2w3e4r5t6z", "123456789012", "210987654321", "abcdefghijkl", "lkjihgfedcba"),
    *("annemarie.weber", "AnneMarie.Weber", "annemarieweber99", "anne-marie-weber-admin"),
    # Words with a year, digits or signs, of any language.
    *("liverpool123", "chocolate123", "butterfly123", "unbelievable", "Summer2026!!", "Passwort1234"),
    *("september2026", "Sommer-2026!", "2026Winter!!", "Datacenter2026", "hetzner12345", "kubernetes12"),
    *("Schmetterling", "Frankfurt2026", "juventus1897", "Deutschland1", "schmetterling-schmetterling"),
    *("loadbalancer", "Loadbalancer-2026", "LVS-Director1", "haproxy-nginx", "sysadmin2026!"),
    # Keys and digits in a row.
    *("qwerty123456", "123456789abc", "123qweasdzxc", "zaq12wsxcde3", "112233445566", "1qaz2wsx3edc"),
    *("!QAZ2wsx#EDC", "!QAZ@WSX#EDC", "poiuytrewq12", "147258369147", "qaywsxedcrfv", "asdfghjkl123"),
    # Letters that look like others, repetitions, sentences everybody knows.
    *("P@ssw0rd2026", "p@$$w0rd!p@$$w0rd", "Sch4lk3-04-2026", "abcdabcdabcd", "testtesttest", "159753159753"),
    *("correcthorsebatterystaple", "correct horse battery staple", "Correct-Horse-Battery-Staple-1"),
    *("ToBeOrNotToBe!", "may the force be with you", "LetMeInPlease1", "th1s1smyp4ssw0rd", "admin" * 60),
)
GENERATED = ("3f9a0c7be1d4", "k9#Vz!pQ2w&L", "xK3vPq8LmZ2w", "7Tq$w2Lz@9Xm!e4R")


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        refuse_weak("annemarie.weber", password)


@pytest.mark.parametrize(
    "password",
    [
        *(GOOD, "correct horse battery", "piranhas eat little", "äöüäöü ß €uro", "\0\t\n tabs and zeros"),
        *("plate river candle smoke", "tundra-violin-copper-mist", "tundraviolincoppermist", *GENERATED),
        *("lampe fisch wolke stein", "Stuhl Regen Gabel Mond", "ветер лампа рыба камень"),
        "password beside tundra violin copper",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    refuse_weak("anna", password)


def test_the_refusal_says_how_long_it_was_and_what_is_accepted() -> None:
    with pytest.raises(PasswordRefused, match="has 5 characters; 12 to 1024 are accepted"):
        refuse_weak("anna", "short")


@given(name=st.text(max_size=20), password=st.text(max_size=60))
def test_judging_a_password_never_fails_otherwise(name: str, password: str) -> None:
    with suppress(PasswordRefused):
        refuse_weak(name, password)


@pytest.mark.parametrize("name", ["a", "adminadmin", "aa", "a" * 64])
@pytest.mark.parametrize(
    "password",
    [
        "admin" * 200 + "zyxwvu",
        "4@8({[<369!1|70$5+%2" * 51,
        "o0" * 300 + "abcde",
        "a" * 1000 + "bcdef",
        "01.01.2011" * 100,
        "".join(random.Random(1).choices("4@8({[<369!1|70$5+%2abceglostxz", k=LENGTH_MAX)),
        "".join(random.Random(2).choices(string.digits + "aegilostz", k=LENGTH_MAX)),
    ],
)
def test_judging_a_long_ambiguous_password_ends(name: str, password: str) -> None:
    begun = time.process_time()
    with suppress(PasswordRefused):
        refuse_weak(name, password)
    # Every reading of the second one takes minutes.
    assert time.process_time() - begun < 10


def test_the_middle_of_a_long_password_is_not_needed_to_be_good() -> None:
    refuse_weak("anna", "plate river candle smoke " + "admin" * 60)
    refuse_weak("anna", "admin" * 60 + " plate river candle smoke")
