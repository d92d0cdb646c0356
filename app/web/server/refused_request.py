"""A request that is answered before any page sees it, and the answer: plain text, as there may be no browser."""

from http import HTTPStatus

from gunicorn.http import errors

from app.lvs.model.printable import plain

WHY_MAX = 200
"""The most characters that are quoted of a request, in the answer and in the log."""

_STATUS = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
_ADVICE = {
    HTTPStatus.REQUEST_TIMEOUT: "Nothing was changed. Send the whole request at once.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "Nothing was changed. Use a shorter address.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "Nothing was changed. Send fewer or shorter headers.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Nothing was changed. Wait a moment and try again.",
}
_OTHER = "Nothing was changed. Send a request as RFC 9112 describes it."


class RefusedRequest(Exception):
    """What was sent is no request, or did not arrive in time; `why` is a sentence without its full stop."""

    def __init__(self, status: HTTPStatus, why: str, advice: str = "") -> None:
        super().__init__(status, why)
        self.status = status
        self.why = plain(why, WHY_MAX)
        self._advice = advice or _ADVICE.get(status, _OTHER)

    def answer(self) -> bytes:
        """Return the whole answer, after which the connection is closed."""
        text = f"{self.why}. {self._advice}\n".encode()
        retry = "Retry-After: 2\r\n" if self.status is HTTPStatus.SERVICE_UNAVAILABLE else ""
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\nConnection: close\r\n{retry}"
            "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
            f"Cache-Control: no-store\r\nContent-Length: {len(text)}\r\n\r\n"
        )
        return head.encode() + text


def refused(error: errors.ParseException) -> RefusedRequest:
    """Return what to answer to a request that gunicorn's parser does not accept."""
    return RefusedRequest(_STATUS.get(type(error), HTTPStatus.BAD_REQUEST), str(error))
