"""One event, one line, whatever it contains."""

import io
import json
import logging
import logging.config

import pytest
import structlog

from config import logs


@pytest.fixture
def lines():
    """What a logger writes in a format: lines("text") → (logger, read)."""
    used = []

    def to(kind):
        out = io.StringIO()
        configuration = logs.configuration("INFO", as_json=kind == "json")
        formatter = configuration["formatters"]["line"]
        handler = logging.StreamHandler(out)
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=formatter["foreign_pre_chain"],
                processors=formatter["processors"],
            )
        )
        logger = logging.getLogger(f"tests.{kind}")
        logger.setLevel("INFO")
        logger.addHandler(handler)
        used.append((logger, handler))
        return structlog.get_logger(logger.name), lambda: out.getvalue().splitlines()

    yield to
    for logger, handler in used:
        logger.removeHandler(handler)


def test_a_line_break_in_a_value_starts_no_new_line(lines):
    log, read = lines("text")

    log.info("upload", name='a\n12:00:00 error   forged="yes"\x1b[2J')

    (line,) = read()
    assert r"a\n12:00:00" in line
    assert "\x1b" not in line


def test_a_traceback_stays_on_the_line_of_its_event(lines):
    log, read = lines("text")

    try:
        int("broken")
    except ValueError:
        log.exception("job.crashed", job="j1")

    (line,) = read()
    assert "job.crashed job=j1" in line
    assert "ValueError: invalid literal" in line


def test_lines_of_other_libraries_have_the_same_form(lines):
    _, read = lines("text")

    logging.getLogger("tests.text").warning("lost %s connections", 3)

    (line,) = read()
    assert line[9:] == "warning lost 3 connections logger=tests.text"


def test_machines_get_one_json_object_a_line(lines):
    log, read = lines("json")

    log.info("job.done", job="j1", took=3)

    (line,) = read()
    found = json.loads(line)
    assert (found["event"], found["job"], found["took"]) == ("job.done", "j1", 3)
