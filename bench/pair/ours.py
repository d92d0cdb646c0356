"""Two directors with Palometa on each, as in `tests.pulse.two_directors.pair`, with the shortest interval."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.lvs.keywords.pair_keys import ADVERT_MIN_MS
from lab.cluster import Cluster
from tests.pulse.two_directors.linked import LinkedPair
from tests.pulse.two_directors.pair import PAIR, PairDirector, PairOfDirectors

KEEPS = ""
WITHDRAWS = "on_stop = withdraw\n"


class OurPair(PairOfDirectors):
    """The two routers; `first` is the primary."""

    name = "Palometa"

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        super().__init__(cluster, directory)
        self.marker = "169.254.36.36"
        self._more: str | None = None
        self._are_partners = False

    def begin(self) -> None:
        """Configure and start both."""
        for director in self.directors:
            director.write("serial_no = 0\nservice = lvs\n")
        self.start()

    def end(self) -> None:
        """End everything."""
        self.stop()

    @contextmanager
    def linked(self) -> Iterator[None]:
        """Make them partners over the private network during the block."""
        both = LinkedPair(self)
        ends = [router.start() for router in both.routers]
        try:
            both.until(lambda router: router.is_listening(), "the link's ends are there")
            if not self._are_partners:
                both.couple()
                self._are_partners = True
            both.until(lambda router: router.hears(), "each hears the other")
            yield
        finally:
            for end in ends:
                end.terminate()
                end.wait()

    def configure(self, more: str) -> None:
        """Give both the same configuration, including the lines `more`."""
        if more != self._more:
            self.apply(more, advert_ms=ADVERT_MIN_MS)
            self._more = more

    def ready(self) -> str:
        """Wait until the first has the address and both have the table; return what had to be done for it."""
        for director in self.directors:
            if director.process is None or director.process.poll() is not None:
                director.start()
        self.settle(self.first)
        self.until(lambda: all(_has_table(director) for director in self.directors), "both have the table")
        return ""

    def switch(self) -> None:
        """Move the address to the second in the usual way."""
        self.first.switch()

    def edit_backup(self) -> None:
        """Change something on the second."""
        text = PAIR.format(serial=self.serial + 1, active=1, advert_ms=ADVERT_MIN_MS, more="")
        self.second.write(text.replace("reentry = 2", "reentry = 3"))

    def undo_edit(self) -> None:
        """Give both the same configuration again."""
        self.serial += 1
        self._more = None
        self.configure(KEEPS)


def _has_table(director: PairDirector) -> bool:
    return director.run("ipvsadm", "-S", "-n").count(":80 -g -w 1") == 3
