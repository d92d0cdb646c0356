"""lvs.cf cut into pieces: what was cut before changes nothing about where the blocks begin."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.lvs.grammar.split import pieces

LINES = ("virtual a {\n", "failover b {\r", "virtual\r", " \tvirtual c{\n", "}\n", "x = 1\n", "#virtual\n", "\n")
SCRAPS = ("virtual", "virtual ", "failover{", " ", "\t", "\r", "x", '"', "\n")
texts = st.lists(st.sampled_from(LINES + SCRAPS), max_size=12).map("".join)


@example(["virtual a {\nvirtual a {\nvirtual", "virtual a {\nvirtual a {\nvirtualvirtual a {\n"])
@given(st.lists(texts, min_size=1, max_size=5))
def test_a_text_is_cut_as_if_no_other_had_been_cut_before(those: list[str]) -> None:
    known: list[str] = []
    for text in those:
        known = pieces(text, known)
        assert known == pieces(text)
        assert "".join(known) == text


@given(texts, texts, texts, texts)
def test_a_text_changed_in_the_middle_is_cut_as_if_it_were_new(
    before: str, old: str, new: str, after: str
) -> None:
    assert pieces(before + new + after, pieces(before + old + after)) == pieces(before + new + after)


def test_what_did_not_change_is_the_same_object_and_need_not_be_looked_at() -> None:
    blocks = [f"virtual v{number} {{\n}}\n" for number in range(9)]
    known = pieces("x = 1\n" + "".join(blocks))
    blocks[4] = "virtual other {\n}\n"
    again = pieces("x = 1\n" + "".join(blocks), known)
    same = [section is other for section, other in zip(known, again, strict=True)]
    assert same == [True, True, True, True, False, False, False, True, True, True]
