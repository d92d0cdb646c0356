"""Light, dark, or as the system has it."""

from tests.web.person import Person


def test_a_look_that_was_chosen_stays(admin: Person) -> None:
    answer = admin.send("/look", {"look": "dark", "next": "/control?rate=5"}, on="/control")
    assert answer.location == "/control?rate=5"
    assert 'data-look="dark"' in admin.get("/control").text


def test_the_systems_own_look_is_one_of_the_choices(admin: Person) -> None:
    admin.send("/look", {"look": "dark"}, on="/control")
    admin.send("/look", {"look": "system"}, on="/control")
    assert "data-look" not in admin.get("/control").text


def test_a_look_that_does_not_exist_is_refused(admin: Person) -> None:
    assert admin.send("/look", {"look": '"><script>'}, on="/control").status_code == 400


def test_a_cookie_from_elsewhere_is_not_put_on_the_page(admin: Person) -> None:
    admin.client.set_cookie("palometa-look", "purple")
    assert "purple" not in admin.get("/control").text
