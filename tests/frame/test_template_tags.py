from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.template import Context, Template
from django.utils import timezone

from tenants.templatetags import roster

ID = UUID("019a8b3c-1111-7222-8333-c3f2d1aabbcc")


def rendered(source, **context):
    return Template("{% load roster %}" + source).render(Context(context))


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in rendered('{% icon "agents" %}')
    assert 'aria-label="Agent"' in rendered('{% icon "agents" "Agent" %}')


def test_an_icon_that_nobody_drew_is_an_error():
    with pytest.raises(ValueError, match="nobody-drew-this"):
        rendered('{% icon "nobody-drew-this" %}')


@pytest.mark.parametrize(
    ("value", "tone"),
    [
        ("live", "good"),
        ("failed", "bad"),
        ("running", "busy"),
        ("draft", "draft"),
        ("odd", "neutral"),
    ],
)
def test_a_status_is_a_dot_and_a_word(value, tone):
    html = rendered("{% status value %}", value=value)

    assert f'data-tone="{tone}"' in html
    assert value.capitalize() in html


def test_a_status_is_escaped():
    assert "<b>" not in rendered("{% status value label %}", value="<b>", label="<b>")


def test_a_time_is_relative_with_the_exact_one_on_hover():
    moment = timezone.now() - timedelta(minutes=5)

    html = rendered("{% when moment %}", moment=moment)

    assert "5 min ago" in html
    assert moment.isoformat(timespec="seconds") in html


def test_no_time_is_a_dash():
    assert "–" in rendered("{% when moment %}", moment=None)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        ({"seconds": 3}, "just now"),
        ({"seconds": 50}, "50 s ago"),
        ({"hours": 2}, "2 h ago"),
        ({"days": 3}, "3 days ago"),
        ({"minutes": -10}, "in 10 min"),
    ],
)
def test_relative_times(ago, words, monkeypatch):
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    monkeypatch.setattr(roster.timezone, "localtime", lambda moment=None: moment or noon)

    assert roster.relative(noon - timedelta(**ago)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 19, 23, tzinfo=UTC), "yesterday"),
        (datetime(2026, 11, 1, tzinfo=UTC), "1 Nov"),
        (datetime(2024, 11, 1, tzinfo=UTC), "1 Nov 2024"),
    ],
)
def test_times_further_back_are_dates(moment, words, monkeypatch):
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    monkeypatch.setattr(roster.timezone, "localtime", lambda other=None: other or noon)

    assert roster.relative(moment) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (None, "–"),
        (3, "3 ms"),
        (2_400, "2.4 s"),
        (192_000, "3 min 12 s"),
        (3_700_000, "1 h 1 min"),
    ],
)
def test_durations(milliseconds, words):
    assert roster.duration(milliseconds) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "–"),
        (Decimal(0), "$ 0.00"),
        (Decimal("41.2"), "$ 41.20"),
        (Decimal("1204.5"), "$ 1,204.50"),
        (Decimal("0.0031"), "$ 0.0031"),
        (Decimal("0.000012"), "$ 0.000012"),
    ],
)
def test_money_keeps_the_digits_that_matter(amount, words):
    assert roster.money(amount) == words


def test_numbers_and_sizes():
    assert roster.number(4120) == "4,120"
    assert roster.number(None) == "–"
    assert roster.filesize(1536) == "1.5 KB"
    assert roster.filesize(None) == "–"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Billing helper", "BH"), ("demo", "DE"), ("owner@acme.example", "OW"), ("…", "?")],
)
def test_initials(name, letters):
    assert roster.initials(name) == letters


def test_a_short_id_copies_the_whole_one():
    html = rendered("{% copy_id pk %}", pk=ID)

    assert f'data-copy="{ID}"' in html
    assert ">019a…aabbcc<" in html


def test_an_avatar_keeps_its_colour():
    assert roster.hue(ID) == roster.hue(str(ID))
    assert "BH" in rendered("{% avatar name pk %}", name="Billing helper", pk=ID)


def test_json_is_indented_and_readable():
    assert roster.pretty_json({"a": "é"}) == '{\n  "a": "é"\n}'


def test_a_filter_link_changes_one_parameter_and_goes_to_the_first_page(rf):
    request = rf.get("/", {"q": "x", "status": "done", "after": "abc"})
    context = {"request": request}

    assert rendered('{% url_with "status" "failed" %}', **context) == "?q=x&amp;status=failed"
    assert rendered('{% url_with "status" "" %}', **context) == "?q=x"


def test_the_exact_time_is_told_in_the_zone_without_zeros_before_the_day():
    moment = datetime(2026, 12, 1, 5, 4, 3, tzinfo=UTC)

    with timezone.override("Europe/Berlin"):
        told = roster.when(moment)

    assert 'title="1 Dec 2026, 06:04:03 CET"' in told
