"""Where a form may lead."""

import pytest
from flask import Flask

from app.web.frame.redirects import local_address


@pytest.mark.parametrize("path", ["/", "/virtual/3?selected=2", "/control?rate=5"])
def test_a_path_of_ours_is_followed(path: str, app: Flask) -> None:
    with app.test_request_context():
        assert local_address(path) == path


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "virtual",
        "javascript:x",
        "/a\nb",
        "/\tx",
    ],
)
def test_anything_else_leads_to_the_first_page(address: str | None, app: Flask) -> None:
    with app.test_request_context():
        assert local_address(address) == "/"
