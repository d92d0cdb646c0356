"""The problems around the daemon that do not end it."""

import logging

from app.host.files.atomic_file import FileUnwritable
from app.host.ipvs.table import IPVSFailed
from app.host.network.addresses import AddressFailed

SURVIVED = (IPVSFailed, AddressFailed, FileUnwritable, OSError)
"""What may fail without ending the daemon: it reports the problem and tries again."""

log = logging.getLogger("pulse")


class CurrentProblems:
    """Keeps the problems there are now, and logs each when it is new."""

    def __init__(self) -> None:
        self.sentences: tuple[str, ...] = ()

    def set(self, *sentences: str) -> None:
        """Replace the problems; none means that everything works."""
        if sentences != self.sentences:
            for sentence in sentences:
                log.error("%s", sentence)
            self.sentences = sentences
