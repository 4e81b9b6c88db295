import pytest

pytestmark = pytest.mark.django_db
URL = "/accounts/theme/"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_server_renders_the_chosen_theme(client, theme):
    client.post(URL, {"theme": theme})

    assert f'data-theme="{theme}"'.encode() in client.get("/accounts/sign-in/").content


def test_system_leaves_it_to_the_browser(client):
    client.post(URL, {"theme": "dark"})
    client.post(URL, {"theme": "system"})

    assert b'<html lang="en">' in client.get("/accounts/sign-in/").content


def test_choosing_leads_back_to_the_page(client):
    response = client.post(URL, {"theme": "dark", "next": "/accounts/sign-in/?next=/t/acme/"})

    assert response["Location"] == "/accounts/sign-in/?next=/t/acme/"


@pytest.mark.parametrize(
    "there", ["https://thief.example", "//thief.example", "account_logout", "no-view", "ﷺ", ""]
)
def test_choosing_leads_nowhere_else(client, there):
    response = client.post(URL, {"theme": "dark", "next": there})

    assert response["Location"] == "/"


def test_a_theme_that_nobody_offered_is_not_kept(client):
    client.post(URL, {"theme": '"><script>'})

    assert "theme" not in client.cookies


def test_a_forged_cookie_reaches_no_page(client):
    client.cookies["theme"] = "evil-one"

    assert b"evil-one" not in client.get("/accounts/sign-in/").content
