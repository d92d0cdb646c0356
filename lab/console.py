"""The console of the embedded kernel: two pipes, so that the guest never gets the caller's terminal.

Owns the pipes; knows nothing about the guest.
"""

import os
import select
from typing import Self

_CTRL_C = b"\x03"


class Console:
    """The input and output of one guest's console."""

    def __init__(self) -> None:
        """Open both pipes; `input_end` and `output_end` are the guest's."""
        self.input_end, self._input = os.pipe()
        self._output, self.output_end = os.pipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_guest_ends()
        os.close(self._input)
        os.close(self._output)

    def close_guest_ends(self) -> None:
        """Close our copies of the guest's ends, so that the end of its output is detected."""
        for name in ("input_end", "output_end"):
            descriptor = getattr(self, name)
            if descriptor >= 0:
                os.close(descriptor)
                setattr(self, name, -1)

    def interrupt(self) -> None:
        """Press Ctrl-C on the console."""
        os.write(self._input, _CTRL_C)

    def heard(self, within_s: float) -> bytes | None:
        """Return the guest's output within `within_s` seconds: None if there is none, b"" at the end."""
        if not select.select([self._output], [], [], within_s)[0]:
            return None
        return os.read(self._output, 65536)
