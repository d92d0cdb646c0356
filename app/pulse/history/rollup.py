"""Makes the samples of long steps from those of short ones on disk, so that a restart loses none."""

import time
from array import array
from collections.abc import Mapping, Sequence
from itertools import pairwise

from app.lvs.ipvs.rate_history import ID_SIZE, LEVELS, NOTHING_KNOWN, WIDTH, Level, Values, folded, slot_end
from app.pulse.history.sample_files import Sample, SampleFiles

_CHUNK = 4096 * WIDTH
_BREATH_S = 0.0005
"""A pause after each chunk, so that this thread does not block the loop."""


def fold(files: SampleFiles, finest: Level, now: int) -> None:
    """Make the samples of all coarser levels whose steps are complete by `now`; raise OSError."""
    for fine, coarse in pairwise(LEVELS):
        end = now // coarse.step_s * coarse.step_s
        if fine.step_s >= finest.step_s and files.folded.get(coarse) != end:
            _fold(files, fine, coarse, end)
            files.folded[coarse] = end


def matched(samples: Sequence[Sample]) -> tuple[bytes, list[Values]]:
    """Return the values of `samples` in the rows of the last of them, and the ids of these rows."""
    ids = samples[-1].ids
    rows = {ids[at : at + ID_SIZE]: at // ID_SIZE for at in range(0, len(ids), ID_SIZE)}
    return ids, [sample.values if sample.ids == ids else _moved(sample, rows) for sample in samples]


def _fold(files: SampleFiles, fine: Level, coarse: Level, until: int) -> None:
    since = until - fine.kept_s
    later = max(files.times(coarse, since, until), default=since)
    for end in sorted({slot_end(at, coarse.step_s) for at in files.times(fine, later, until)}):
        ids, parts = matched(files.whole(fine, end - coarse.step_s, end))
        values = array("f")
        for first in range(0, len(ids) // ID_SIZE * WIDTH, _CHUNK):
            values.extend(folded([part[first : first + _CHUNK] for part in parts], coarse.step_s // fine.step_s))
            time.sleep(_BREATH_S)
        files.add(coarse, Sample(end, ids, values))


def _moved(sample: Sample, rows: Mapping[bytes, int]) -> Values:
    values = array("f", NOTHING_KNOWN * len(rows))
    for old in range(len(sample.values) // WIDTH):
        new = rows.get(sample.ids[old * ID_SIZE : (old + 1) * ID_SIZE])
        if new is not None:
            values[new * WIDTH : (new + 1) * WIDTH] = sample.values[old * WIDTH : (old + 1) * WIDTH]
    return values
