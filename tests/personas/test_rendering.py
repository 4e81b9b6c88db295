"""From a persona and values to the prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.rendering import (
    MissingValues,
    PersonaText,
    Variable,
    pieces,
    preview,
    render,
    undeclared,
    unused,
    used_names,
)


def persona(instructions="", *variables, **texts):
    return PersonaText(name="Ada", instructions=instructions, variables=variables, **texts)


COMPANY = Variable(name="company", required=True)
GREETING = Variable(name="greeting", default="Hello")


def test_the_prompt_says_who_how_and_what():
    text = persona("Help people.", role="a clerk.", tone="warm. ")

    assert render(text, {}) == "You are Ada, a clerk.\nYour tone: warm.\n\nHelp people."


def test_what_is_empty_is_left_out():
    assert render(persona(), {}) == "You are Ada."


@pytest.mark.parametrize("placeholder", ["{{company}}", "{{ company }}", "{{\tcompany\n}}"])
def test_a_variable_is_replaced_by_its_value(placeholder):
    text = persona(f"At {placeholder}.", COMPANY)

    assert render(text, {"company": "Acme"}).endswith("At Acme.")


def test_a_default_stands_in_for_an_empty_value():
    text = persona("{{greeting}}!", GREETING)

    assert render(text, {}).endswith("Hello!")
    assert render(text, {"greeting": ""}).endswith("Hello!")
    assert render(text, {"greeting": "Hi"}).endswith("Hi!")


def test_an_optional_variable_without_a_value_is_nothing():
    assert render(persona("[{{x}}]", Variable(name="x")), {}).endswith("[]")


def test_a_required_variable_without_a_value_is_told():
    with pytest.raises(MissingValues, match="company") as missing:
        render(persona("{{company}}", COMPANY, GREETING), {"greeting": "x"})

    assert missing.value.names == ["company"]


def test_values_are_never_searched_for_placeholders():
    text = persona("{{company}} and {{greeting}}", COMPANY, GREETING)

    rendered = render(text, {"company": "{{greeting}}", "greeting": "{{company}}{{"})

    assert rendered.endswith("{{greeting}} and {{company}}{{")


@pytest.mark.parametrize(
    "text",
    [
        "{{ company|upper }}",
        "{{ company.name }}",
        "{{ 7 * 7 }}",
        "{{ self.__class__ }}",
        "{% include 'x' %}",
        "{company}",
        "${company}",
        "%(company)s",
        "{0.__class__}",
        r"\1 \g<0>",
    ],
)
def test_no_template_language_is_spoken(text):
    assert render(persona(text, COMPANY), {"company": r"\g<0>"}).endswith(text)


def test_values_of_other_names_are_ignored():
    assert render(persona("Hi.", GREETING), {"stranger": "x"}).endswith("Hi.")


@given(st.text(max_size=80), st.text(max_size=20))
def test_any_text_and_value_render(instructions, value):
    render(persona(instructions, GREETING), {"greeting": value})


@given(st.text(alphabet="{} ab_", max_size=40))
def test_pieces_put_together_are_the_text(instructions):
    cut = pieces(instructions)

    assert "".join(text for text, _ in cut) == instructions
    assert {text.strip("{}").strip() for text, is_one in cut if is_one} == set(
        used_names(instructions)
    )


def test_undeclared_and_unused_names_are_found():
    text = "{{a}} {{ b }} {{a}} {{}} {{c d}} {x}"

    assert undeclared(text, ["a", "z"]) == ["b", "", "c d"]
    assert unused(text, ["a", "z"]) == ["z"]


def test_a_preview_shows_what_has_no_value_yet_by_name():
    assert preview(persona("At {{company}}.", COMPANY), {}).endswith("At ‹company›.")
