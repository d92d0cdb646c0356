"""A pair of routers that runs and has no configuration of a pair yet."""

import pytest

from tests.pulse.two_directors.pair import PairOfDirectors


@pytest.fixture(scope="module")
def started(pair: PairOfDirectors) -> PairOfDirectors:
    """Start both, with nothing to do."""
    for director in pair.directors:
        director.write("serial_no = 0\nservice = lvs\n")
    pair.start()
    return pair
