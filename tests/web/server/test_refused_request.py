"""What is quoted of a request that is refused is short, and nothing but text."""

from http import HTTPStatus

import pytest

from app.web.server.refused_request import WHY_MAX, RefusedRequest


@pytest.mark.parametrize(
    "quoted", ["a\n[2026-11-29] pulse was stopped", "\r\n\r\n<p>", "\x1b[2J", "a\x85b", "a" * 10_000]
)
def test_an_answer_quotes_no_more_than_text(quoted: str) -> None:
    refused = RefusedRequest(HTTPStatus.BAD_REQUEST, f"The version is {quoted}")
    head, _, text = refused.answer().decode().partition("\r\n\r\n")
    assert len(refused.why) <= WHY_MAX
    assert all(letter.isprintable() for letter in refused.why)
    assert text == f"{refused.why}. Nothing was changed. Send a request as RFC 9112 describes it.\n"
    assert head.startswith("HTTP/1.1 400 Bad Request\r\n")
