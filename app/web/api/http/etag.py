"""Two writers: the serial a program has seen, as its ETag, and the refusal to overwrite what changed since."""

from dataclasses import dataclass

from flask import request

from app.web.api.http.refusal import refuse
from app.web.frame.request_numbers import serial_number

_ADVICE = "Nothing was changed. GET the object and send the change again with its ETag as If-Match."


@dataclass(frozen=True, slots=True)
class PreconditionSerial:
    """The serials in If-Match; `is_any`: it is ``*``, whatever is there now may be overwritten."""

    serials: frozenset[int]
    is_any: bool

    def refuse_changed(self, changed_serial: int, serial_no: int) -> None:
        """Answer 412 when what is to be changed last did so after the serial that was seen.

        A change of something else since then is none: both are kept.
        """
        if self.is_any or any(changed_serial <= seen <= serial_no for seen in self.serials):
            return
        refuse(
            412,
            f"The object changed with serial {changed_serial}, after the serial given in If-Match; the "
            f"configuration is at serial {serial_no}.",
            _ADVICE,
            serial_no=serial_no,
        )


def seen_by_writer() -> PreconditionSerial:
    """Return what If-Match says; 428 without one."""
    if "If-Match" not in request.headers:
        refuse(428, "A change requires If-Match with the ETag of the object you read.", _ADVICE)
    tags = request.if_match
    serials = set()
    for tag in tags.as_set():
        try:
            # Werkzeug gives None for an empty tag.
            serials.add(serial_number(tag or ""))
        except ValueError:
            # A tag we never gave out matches nothing.
            continue
    return PreconditionSerial(frozenset(serials), tags.star_tag)
