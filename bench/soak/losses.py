"""What was lost: pure comparisons of what was answered with what is there."""

from collections.abc import Iterable, Mapping, Sequence

from bench.soak.editor import Sent
from lab.asker import Request

MOVED_WITHIN_S = 20.0
"""So long after a killed keepalived runs again the virtual IP may be on its way."""


def lost_changes(author: str, sent: Iterable[Sent], authors: Mapping[int, str]) -> list[str]:
    """Return a sentence for each acknowledged change that the history does not have; `authors` by serial."""
    return [
        f"weight {one.weight} was acknowledged with serial {one.serial_no}, which "
        + (f"is by {authors[one.serial_no]}" if one.serial_no in authors else "the history does not have")
        for one in sent
        if one.serial_no and authors.get(one.serial_no) != author
    ]


def possible_weights(author: str, sent: Sequence[Sent], authors: Mapping[int, str]) -> set[int]:
    """Return the weights that may hold now; `authors` by serial.

    The last one acknowledged, if nothing newer is by `author`. Else one of which nobody knows: a change that was
    not waited for may be made later than those after it.
    """
    last = max(sent, key=lambda one: one.serial_no, default=None)
    newest = max((serial_no for serial_no, by in authors.items() if by == author), default=0)
    if last is not None and last.serial_no and newest <= last.serial_no:
        return {last.weight}
    return {one.weight for one in sent if not one.serial_no and not one.is_refused}


def unexplained(requests: Iterable[Request], unowned: Iterable[tuple[float, float]]) -> list[Request]:
    """Return the requests that failed although both routers had had a keepalived; by the monotonic clock.

    `unowned` are the times from when one was killed until both ran again, each with its pulse.
    """
    moves = [(began - 1.0, over + MOVED_WITHIN_S) for began, over in unowned]
    return [
        request
        for request in requests
        if request.failure and not any(began < request.began < over for began, over in moves)
    ]
