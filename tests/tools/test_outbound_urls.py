"""Which URLs may be asked for, before anything is connected to."""

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.outbound import OutboundError, check_url
from tenants.outbound.urls import origin

HOSTILE = [
    "",
    "example.com",
    "//example.com/x",
    "/only/a/path",
    "http:example.com",
    "http:/example.com",
    "http:///example.com",
    "https://",
    "https://?q",
    "https://:443/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "javascript:alert(1)",
    "data:text/plain,x",
    "unix://socket",
    "http+unix://socket",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://@example.com/",
    "https://example.com:80@evil.example/",
    "https://example.com\\@evil.example/",
    "https:\\\\example.com/",
    "https://example.com/\\..\\x",
    "https://example.com/a b",
    " https://example.com/",
    "https://example.com/\n",
    "https://example.com/\r\nHost: evil.example",
    "https://exa\tmple.com/",
    "https://example.com/\x00",
    "https://example.com/\x7f",
    "https://example.com/\u2028",
    "https://example.com/\u200b",
    "https://example%2ecom/",
    "https://127.0.0.1%2f@evil.example/",
    "https://[fe80::1%25eth0]/",
    "https://[::1",
    "https://::1/",
    "https://[example.com]/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:99999999/",
    "https://example.com:port/",
    "https://example.com:80:80/",
    "https://" + "a" * 8_000 + "/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused(url):
    with pytest.raises(OutboundError) as refused:
        check_url(url)

    assert refused.value.code == "refused"


@pytest.mark.parametrize("authority", ["user", "user:password", "", "a%40b"])
def test_credentials_in_a_url_are_told_as_such(authority):
    with pytest.raises(OutboundError, match="user name or password"):
        check_url(f"https://{authority}@example.com/")


def test_a_parser_that_sees_another_host_is_not_believed(monkeypatch):
    elsewhere = httpx2.URL("https://evil.example/")
    monkeypatch.setattr(httpx2, "URL", lambda text: elsewhere)

    with pytest.raises(OutboundError, match="host"):
        check_url("https://example.com/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com", ("https", "example.com", 443)),
        ("HTTP://EXAMPLE.com:8080/a?b=c#d", ("http", "example.com", 8080)),
        ("https://bücher.example/ü", ("https", "bücher.example", 443)),
        ("http://[2606:4700::1111]:81/", ("http", "2606:4700::1111", 81)),
        ("http://[2606:4700:0:0:0:0:0:1111]/", ("http", "2606:4700:0:0:0:0:0:1111", 80)),
        ("http://2130706433/", ("http", "2130706433", 80)),  # judged after it was resolved
    ],
)
def test_a_plain_url_passes(url, expected):
    assert origin(check_url(url)) == expected


def test_the_fragment_is_not_sent():
    assert str(check_url("https://example.com/a#secret")) == "https://example.com/a"


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "https://example.com"]))
def test_any_text_is_either_refused_or_an_http_url(text, start):
    try:
        url = check_url(start + text)
    except OutboundError:
        return

    assert url.scheme in ("http", "https")
    assert url.host
    assert not url.userinfo
