"""Which hosts a tenant lets its tools reach, on the first request and on every redirect."""

import pytest

from tenants.models import Tenant
from tenants.outbound import OutboundError, fetch
from tenants.outbound.hosts import checked_pattern, is_allowed
from tests.factories.tools import ToolFactory
from tools.execution import execute
from tools.snapshots import snapshot


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("api.example.com", "api.example.com"),
        ("  API.Example.COM. ", "api.example.com"),
        ("*.example.com", "*.example.com"),
        ("*.bücher.example", "*.xn--bcher-kva.example"),
        ("*.example.co.uk", "*.example.co.uk"),
        ("co.uk", "co.uk"),
    ],
)
def test_a_pattern_has_one_spelling(typed, kept):
    assert checked_pattern(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("*", "*.com", "*.co.uk", "*.com.au", "localhost", "example", "", "."),
        *("127.0.0.1", "10.0.0.1", "*.0.0.1", "0x7f.0.0.1", "1.2.3.0x4", "2130706433", "[::1]"),
        *("::1", "https://api.example.com", "api.example.com/v1", "api.example.com:8443"),
        *("user@example.com", "a..example.com", "-a.example.com", "a_b.example.com"),
        *("api.*.com", "*api.example.com", "*.*.example.com", "api.example.com\n", "a b.example"),
        *("a" * 64 + ".example", ".".join(["a" * 60] * 5), "api.example.com\x00", "\ud800.example"),
    ],
)
def test_what_is_no_host_or_too_wide_is_no_pattern(typed):
    if typed.strip() == "api.example.com":
        assert checked_pattern(typed) == "api.example.com"
    else:
        with pytest.raises(ValueError):
            checked_pattern(typed)


@pytest.mark.parametrize(
    ("host", "is_named"),
    [
        ("api.example.com", True),
        ("API.EXAMPLE.COM.", True),
        ("example.com", False),
        ("a.b.wild.example", True),
        ("wild.example", False),
        ("evilwild.example", False),
        ("api.example.com.evil.example", False),
        ("127.0.0.1", False),
    ],
)
def test_a_wildcard_names_what_is_below_it(host, is_named):
    assert is_allowed(host, ["api.example.com", "*.wild.example"]) is is_named
    assert is_allowed(host, [])


def test_a_redirect_keeps_to_the_hosts(server, names):
    names["inside.example"] = names["outside.example"] = [["127.0.0.1"]]
    away = f"http://outside.example:{server.port}/new"
    server.routes["/old"] = lambda seen: (302, {"location": away}, b"")

    with pytest.raises(OutboundError) as refused:
        fetch("GET", f"http://inside.example:{server.port}/old", allowed_hosts=["inside.example"])

    assert refused.value.code == "host_not_allowed"
    assert "It redirects to outside.example" in str(refused.value)
    assert [seen["path"] for seen in server.seen] == ["/old"]


def test_without_hosts_the_same_redirect_is_followed(server, names):
    """The positive control."""
    names["inside.example"] = names["outside.example"] = [["127.0.0.1"]]
    away = f"http://outside.example:{server.port}/new"
    server.routes["/old"] = lambda seen: (302, {"location": away}, b"")

    answer = fetch("GET", f"http://inside.example:{server.port}/old")

    assert answer.url == away


@pytest.mark.django_db
def test_a_tool_is_told_why_and_a_change_holds_at_once(tenant, editor, access, server, names):
    names["inside.example"] = [["127.0.0.1"]]
    url = f"http://inside.example:{server.port}/x"
    tool = snapshot(ToolFactory(tenant=tenant, url_template=url, parameters={}))
    mine = access(editor)
    assert execute(mine, tool, {}).ok

    Tenant.objects.filter(pk=tenant.pk).update(allowed_hosts=["api.example.com"])
    result = execute(mine, tool, {})

    assert (result.ok, result.error_code) == (False, "host_not_allowed")
    assert "not among the hosts that your organisation allows" in result.error
    assert len(server.seen) == 1
