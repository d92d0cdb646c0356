"""The chart on the first screen of the benchmark's page."""

from bench.figures import Figure, Figures
from bench.page import page
from bench.summary import summary

COLD = (
    Figure("cold apply", 100, "keepalived", (1.0,)),
    Figure("cold apply", 1000, "palometa pulse", (300.0, 100.0, 200.0)),
    Figure("cold apply", 1000, "keepalived", (400.0,)),
    Figure("requests lost during 200 changes", 3, "palometa", (0.0,), "requests"),
)


def test_the_median_at_the_largest_size_is_drawn_beside_the_others() -> None:
    assert summary(Figures(found=list(COLD))).splitlines() == [
        "```text",
        "the whole table, from nothing",
        f"  palometa pulse  {'█' * 18} 200 ms",
        f"  keepalived      {'█' * 36} 400 ms",
        "",
        "requests lost in 200 changes",
        "  palometa  0 requests",
        "```",
    ]


def test_what_is_small_beside_the_rest_is_seen_and_what_was_not_measured_is_left_out() -> None:
    found = [Figure("memory", 10, "keepalived", (1.0,), "MB"), Figure("memory", 10, "palometa", (500.0,), "MB")]
    assert summary(Figures(found=found)).splitlines()[1:3] == ["memory", "  keepalived  █ 1 MB"]


def test_the_page_begins_with_it() -> None:
    lines = page(Figures(found=list(COLD))).splitlines()
    assert lines[2].startswith("At the largest size measured, 1,000 virtual servers")
    assert lines[4] == "```text"
