"""An argument fills a path segment or a query value, and nothing more."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenants.outbound import check_url
from tenants.outbound.urls import origin
from tools import url_templates
from tools.url_templates import TemplateError, check_template, fill, host_of, placeholders

TEMPLATE = "https://api.example.com:8443/orders/{id}/lines/{line}?q={q}&fixed=1"


def test_placeholders_are_named_in_order_and_once():
    assert placeholders("https://a.example/{b}/{a}?x={b}") == ["b", "a"]


def test_a_template_is_filled_in():
    url = fill(TEMPLATE, {"id": "A 1/ü", "line": 3, "q": "a&b=c#d"})

    assert url == (
        "https://api.example.com:8443/orders/A%201%2F%C3%BC/lines/3?q=a%26b%3Dc%23d&fixed=1"
    )


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (3.0, "3"), (2.5, "2.5"), (0, "0")]
)
def test_values_are_written_as_people_write_them(value, text):
    assert fill("https://a.example/{x}", {"x": value}) == f"https://a.example/{text}"


def test_a_query_value_may_be_left_out():
    assert fill("https://a.example/?q={q}", {}) == "https://a.example/?q="


@pytest.mark.parametrize(
    "template",
    [
        "{url}",
        "https://{host}/",
        "https://{host}.example.com/",
        "https://api.example.com:{port}/",
        "https://user:{password}@example.com/",
        "https://user@example.com/",
        "{scheme}://example.com/",
        "https://example.com/{id",
        "https://example.com/id}",
        "https://example.com/{}",
        "https://example.com/{a b}",
        "https://example.com/{a-b}",
        "https://example.com/{{a}}",
        "https://example.com/?{name}=1",
        "https://example.com/?a=1&{pair}",
        "https://example.com/#{fragment}",
        "https://example.com/../{x}",
        "https://example.com/%2e%2E/{x}",
        "ftp://example.com/{x}",
        "https:///{x}",
        "example.com/{x}",
        "https://example.com\\{x}",
        "",
    ],
)
def test_a_template_that_lets_arguments_choose_more_is_refused(template):
    with pytest.raises(TemplateError):
        check_template(template)


@pytest.mark.parametrize("template", [TEMPLATE, "https://a.example", "http://a.example/x?y=1"])
def test_an_ordinary_template_is_fine(template):
    check_template(template)


@pytest.mark.parametrize("value", ["", ".", "..", None, ["a"], {"a": 1}])
def test_a_value_that_changes_the_path_is_refused(value):
    with pytest.raises(TemplateError):
        fill("https://a.example/orders/{id}/lines", {"id": value})


@pytest.mark.parametrize(("template", "value"), [("{x}.", "."), (".{x}", "."), ("{x}%2e", ".")])
def test_dots_do_not_add_up_to_a_step_upwards(template, value):
    with pytest.raises(TemplateError):
        fill(f"https://a.example/a/{template}/b", {"x": value})


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_argument_moves_a_request(identifier, line, query):
    assume(not any("\ud800" <= sign <= "\udfff" for sign in identifier + line + query))
    try:
        url = check_url(fill(TEMPLATE, {"id": identifier, "line": line, "q": query}))
    except TemplateError:
        return

    segments = url.raw_path.split(b"?")[0].split(b"/")
    assert origin(url) == ("https", "api.example.com", 8443)
    assert (len(segments), segments[1], segments[3]) == (5, b"orders", b"lines")
    assert url.params.multi_items() == [("q", query), ("fixed", "1")]


@pytest.mark.parametrize("value", ["b/c", "b?c=d", "b#c", "b&c=d"])
def test_what_slips_through_the_encoding_is_still_refused(monkeypatch, value):
    monkeypatch.setattr(url_templates, "quote", lambda text, safe: text)

    with pytest.raises(TemplateError, match="where the request goes"):
        fill("https://a.example/{x}?q={x}", {"x": value})


def test_the_host_is_told_for_comparison():
    assert host_of(TEMPLATE) == ("https", "api.example.com", 8443)
    assert host_of("not a URL") is None
