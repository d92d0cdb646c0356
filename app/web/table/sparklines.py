"""The sparklines of a table: new connections per second of each service in the last ten minutes."""

from collections.abc import Sequence

from app.web.frame.current import current
from app.web.frame.svg_chart import spark

STEPS_A_POINT = 5
"""Few enough points to keep a page of a hundred sparklines small."""


def sparklines(services: Sequence[str]) -> dict[str, str]:
    """Return the SVG path for each of `services`, named as `service_text` does; none without pulse.

    One request serves all of them and all viewers; pulse answers it from memory. A path is 80 by 20 units.
    """
    series = current.pulse.recent(services) if services else {}
    return {text: spark(_thinned(values)) for text, values in series.items() if any(values)}


def _thinned(values: Sequence[float | None]) -> list[float | None]:
    """Return the mean of every STEPS_A_POINT steps; None if none of them is known."""
    means: list[float | None] = []
    for first in range(0, len(values), STEPS_A_POINT):
        known = [value for value in values[first : first + STEPS_A_POINT] if value is not None]
        means.append(sum(known) / len(known) if known else None)
    return means
