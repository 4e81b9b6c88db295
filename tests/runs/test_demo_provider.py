"""The demo provider: deterministic, offline, useful."""

import json

import pytest

from agents.runs.providers.demo import DemoProvider
from agents.runs.providers.demo.calling import wished_tool
from agents.runs.providers.port import Message, ModelRequest, NumberedPassage, Reply, ToolOffer
from agents.runs.stopping import Stop, Stopped

DUPLICATES = NumberedPassage(
    1,
    "Refund policy.pdf",
    12,
    "Duplicates",
    "A duplicate charge counts as our error. Refund it in full. The sun is warm.",
    closeness=0.5,
)
LEVELS = NumberedPassage(
    2, "Levels.docx", None, "Answers", "Mail is answered within four hours.", closeness=0.1
)
CLOCK = ToolOffer("current_time", "Returns the present date, time and weekday.", {})
CHARGES = ToolOffer(
    "find_charges",
    "Finds the charges on an invoice",
    {
        "type": "object",
        "properties": {
            "invoice": {"type": "string"},
            "limit": {"type": "integer"},
            "open": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["invoice"],
    },
)


def answer(question, passages=(DUPLICATES, LEVELS), tools=(), messages=(), **fields):
    request = ModelRequest(
        "demo",
        (Message("user", question), *messages),
        tools=tools,
        question=question,
        passages=passages,
        **fields,
    )
    *pieces, reply = DemoProvider().stream(request, Stop(5))
    return "".join(pieces), reply


def test_it_quotes_the_fitting_sentences_with_document_page_and_number():
    text, reply = answer("Who pays for a duplicate charge?")

    assert text.startswith("From **Refund policy.pdf**, page 12: A duplicate charge")
    assert text.endswith("[1]")
    assert reply.finish == "stop"


def test_the_same_question_gets_the_same_answer():
    assert answer("duplicate charge?") == answer("duplicate charge?")


def test_without_a_page_it_names_the_heading():
    text, _ = answer("Is mail answered within four hours?")

    assert "**Levels.docx**, “Answers”" in text


@pytest.mark.parametrize(
    "question", ["What does part xk47b say?", "Who is Zephyrine?", "Zephyrine"]
)
def test_a_name_that_stands_there_is_found_however_far_its_meaning_seems(question):
    odd = NumberedPassage(
        3, "Parts.pdf", 7, "", "Oil the hinge. Zephyrine keeps XK47B. The sun is warm.", closeness=0
    )

    text, _ = answer(question, passages=(odd, LEVELS))

    assert text.startswith("From **Parts.pdf**, page 7:")
    assert "Zephyrine keeps XK47B." in text
    assert "Levels" not in text


@pytest.mark.parametrize(
    "question",
    ["What is the capital of France?", "Is the sun hot?", "?", "Who won the 1st war in Europe?"],
)
def test_it_says_plainly_that_it_found_nothing(question):
    wages = NumberedPassage(4, "HR.pdf", 1, "", "Wages are paid on the 1st.", closeness=0)

    text, _ = answer(question, passages=(LEVELS, wages))

    assert text.startswith("I found nothing about this")


def test_it_counts_tokens():
    text, reply = answer("Who pays for a duplicate charge?")

    assert reply.tokens.output == (len(text) + 3) // 4
    assert not reply.tokens.is_estimated


def test_it_stops_at_the_limit_and_says_so():
    text, reply = answer("Who pays for a duplicate charge?", max_output_tokens=3)

    assert len(text.split()) == 3
    assert reply.finish == "length"


def test_the_slow_one_can_be_stopped():
    stop = Stop(5)
    request = ModelRequest("demo-slow", (Message("user", "Hi"),), question="Hi")
    stream = DemoProvider().stream(request, stop)
    next(stream)
    stop.request("cancelled")

    with pytest.raises(Stopped):
        next(stream)


@pytest.mark.parametrize(
    "question", ["What time is it?", "what's the date", "Tell me today's date", "current_time"]
)
def test_it_asks_the_clock_for_the_time(question):
    _, reply = answer(question, tools=(CHARGES, CLOCK))

    assert [call.name for call in reply.tool_calls] == ["current_time"]


def test_it_does_not_ask_the_clock_how_much_time_something_takes():
    assert wished_tool("How much time do customers have?", [CLOCK]) is None


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("Which charges are on invoice INV-20931?", '{"invoice": "INV-20931"}'),
        ("find_charges invoice=7 limit=5", '{"invoice": "7", "limit": 5}'),
        ("List the charges of invoice “March 2”", '{"invoice": "March 2"}'),
        ("find charges, invoice: A7, open: yes", '{"invoice": "A7", "open": true}'),
    ],
)
def test_it_fills_parameters_from_the_question(question, arguments):
    wish = wished_tool(question, [CHARGES, CLOCK])

    assert (wish.tool.name, wish.arguments, wish.missing) == ("find_charges", arguments, ())


def test_it_says_what_the_question_lacks_for_a_call():
    text, reply = answer("Please find the charges", tools=(CHARGES,))

    assert reply.tool_calls == ()
    assert "`find_charges`" in text
    assert "`invoice`" in text


@pytest.mark.parametrize(
    ("schema", "question", "value"),
    [
        ({"type": "integer"}, "weather for 14 days", 14),
        ({"type": "number"}, "weather above 1.5", 1.5),
        ({"type": "boolean"}, "weather with wind", False),
        ({"enum": ["Celsius", "Fahrenheit"]}, "weather in fahrenheit", "Fahrenheit"),
        ({"type": "array", "items": {"type": "string"}}, "weather in Oslo", ["Oslo"]),
        ({"type": "string", "format": "date"}, "weather on 2026-11-02", "2026-11-02"),
        ({"type": "string", "format": "email"}, "weather to a@b.example", "a@b.example"),
        (
            {"type": "string", "format": "uri"},
            "weather at https://a.example/x",
            "https://a.example/x",
        ),
        ({"type": "string"}, "weather in New York", "New York"),
        ({"type": "object"}, "weather in Oslo", None),
        ({"type": "integer"}, "weather x=soon", None),
    ],
)
def test_it_fills_each_kind_of_parameter(schema, question, value):
    parameters = {"properties": {"x": schema}, "required": ["x"]}

    wish = wished_tool(question, [ToolOffer("get_weather", "Weather of a city", parameters)])

    assert json.loads(wish.arguments).get("x") == value
    assert wish.missing == (("x",) if value is None else ())


def test_a_parameter_named_query_gets_the_whole_question():
    parameters = {"properties": {"query": {"type": "string"}}, "required": ["query"]}
    tool = ToolOffer("knowledge_search", "Searches documents", parameters)

    wish = wished_tool("Search our documents for tents", [tool])

    assert wish.arguments == '{"query": "Search our documents for tents"}'


def test_a_tools_result_becomes_part_of_the_answer():
    _, asked = answer("What time is it?", tools=(CLOCK,))
    messages = (
        Message("assistant", "", asked.tool_calls),
        Message("tool", '{"time": "noon", "zone": "UTC"}', tool_call_id=asked.tool_calls[0].id),
    )

    text, reply = answer("What time is it?", passages=(), tools=(CLOCK,), messages=messages)

    assert text == "`current_time` answered: time: noon, zone: UTC"
    assert isinstance(reply, Reply)
    assert reply.finish == "stop"


@pytest.mark.parametrize("result", ["[1, 2]", '{"a": {"b": 1}}', "plain " * 300])
def test_other_results_are_shown_on_one_line(result):
    messages = (Message("tool", result, tool_call_id="x"),)

    text, _ = answer("What time is it?", tools=(CLOCK,), messages=messages, passages=())

    assert text.startswith("`tool` answered: ")
    assert "\n" not in text
    assert len(text) < 650
