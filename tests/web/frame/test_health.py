"""The answer for whoever watches the web part."""

from tests.web.person import Person


def test_it_tells_anybody_that_the_web_part_answers_and_no_more(anybody: Person) -> None:
    answer = anybody.get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers
