"""What is read out of good files."""

import pytest

from knowledge.extraction.blocks import Block
from knowledge.extraction.reading import extract
from knowledge.extraction.sniffing import DOCX, HTML, MARKDOWN, PDF, PLAIN
from tests.knowledge import made_files


def test_a_pdf_is_read_page_by_page_with_its_headings(read):
    found = read(made_files.pdf(pages=12))

    assert (found.media_type, found.page_count) == (PDF, 12)
    assert [b.text for b in found.blocks if b.level == 1] == ["Chapter 1", "Chapter 2"]
    assert Block("Section 7", level=2, page=7) in found.blocks
    assert [b.page for b in found.blocks if "marker11" in b.text] == [11]


def test_running_headers_and_page_numbers_are_left_out(texts):
    found = texts(made_files.pdf(pages=4))

    assert not [text for text in found if "Acme Handbook" in text or "Page 2 of 4" in text]


def test_the_lines_of_a_paragraph_are_put_together(texts):
    [paragraph, *_] = [text for text in texts(made_files.pdf()) if text.startswith("Requests")]

    assert "\n" not in paragraph
    assert "go to the team lead in good time. Requests for leave" in paragraph


def test_pages_are_told_while_they_are_read(read):
    told = []

    read(made_files.pdf(pages=20), on_page=lambda done, total: told.append((done, total)))

    assert (8, 20) in told
    assert told[-1] == (20, 20)


def test_what_a_listener_raises_ends_the_reading(read):
    class Stop(Exception):
        pass

    def stop(done, total):
        raise Stop

    with pytest.raises(Stop):
        read(made_files.pdf(pages=20), on_page=stop)


def test_a_pdf_may_begin_after_a_few_other_bytes(read):
    assert read(b"\r\n" + made_files.pdf()).media_type == PDF


def test_a_word_document_is_read_with_the_headings_of_its_styles(read):
    data = made_files.docx(
        ("Leave", "berschrift1"), "Thirty days.", ("Parents", "berschrift2"), "Sixteen weeks."
    )

    found = read(data)

    assert found.media_type == DOCX
    assert found.blocks == [
        Block("Leave", 1), Block("Thirty days."), Block("Parents", 2), Block("Sixteen weeks.")
    ]  # fmt: skip


def test_a_table_of_a_word_document_is_read_row_by_row(texts):
    def row(*cells):
        inner = "".join(f"<w:tc><w:p><w:r><w:t>{c}</w:t></w:r></w:p></w:tc>" for c in cells)
        return f"<w:tr>{inner}</w:tr>"

    body = f"<w:tbl>{row('Years', 'Days')}{row('5', '32')}</w:tbl>"

    assert texts(made_files.docx(body=body)) == ["Years | Days\n5 | 32"]


def test_text_that_was_deleted_in_word_is_not_read(texts):
    body = (
        "<w:p><w:r><w:t>Thirty days</w:t></w:r>"
        "<w:del><w:r><w:delText> or none</w:delText></w:r></w:del></w:p>"
    )

    assert texts(made_files.docx(body=body)) == ["Thirty days"]


def test_a_web_page_is_read_without_what_surrounds_its_content(read):
    found = read(made_files.HTML.encode())

    assert found.media_type == HTML
    assert found.blocks == [
        Block("Leave", 1),
        Block("Everybody has thirty days of leave a year."),
        Block("Parental leave", 2),
        Block("Parents have sixteen weeks."),
        Block("- Tell your lead\n- Fill in the form\nYears | Days\n5 | 32\nline one\n  line two",
              is_lines=True),
        Block("It is agreed with the team lead, at the latest four weeks before it begins, in"
              " writing, so that somebody else can take over what has to be done in the meantime."),
    ]  # fmt: skip


def test_a_web_page_without_a_heading_has_its_title_as_one(read):
    found = read(b"<html><head><title>Opening hours</title></head><body>Nine to five</body></html>")

    assert found.blocks == [Block("Opening hours", 1), Block("Nine to five")]


def test_a_web_page_says_how_its_letters_are_stored(texts):
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>Łódź żółć</p></body></html>'

    assert texts(page.encode("iso-8859-2")) == ["Łódź żółć"]


def test_deep_nesting_is_read_without_harm(texts):
    page = f"<html><body>{'<div>' * 1_000}deep down{'</div>' * 1_000}<p>after</p></body></html>"

    assert texts(page.encode()) == ["deep down", "after"]


def test_markdown_is_read_by_its_structure(read):
    found = read(made_files.MARKDOWN.encode())

    assert found.media_type == MARKDOWN
    assert [(b.text, b.level) for b in found.blocks if b.level] == [("Travel", 1), ("Trains", 2)]
    assert Block("Costs are paid back **within a month**.") in found.blocks
    assert Block("- Second class\n- First class above four hours", is_lines=True) in found.blocks
    assert [b for b in found.blocks if b.is_lines and "# not a heading" in b.text]


def test_plain_text_is_read_by_its_empty_lines(read):
    found = read(b"First thought,\nstill the first.\r\n\r\n\r\nSecond thought.")

    assert found.media_type == PLAIN
    assert found.blocks == [Block("First thought,\nstill the first."), Block("Second thought.")]


@pytest.mark.parametrize(
    "data",
    [
        "Grüße aus Köln".encode(),
        "Grüße aus Köln".encode("utf-8-sig"),
        "Grüße aus Köln".encode("utf-16"),
        "Grüße aus Köln".encode("cp1252"),
    ],
    ids=["utf-8", "with a mark", "utf-16", "western"],
)
def test_text_is_read_in_the_ways_it_is_stored(texts, data):
    assert texts(data) == ["Grüße aus Köln"]


def test_a_name_that_begins_like_a_program_is_still_text(texts):
    assert texts(b"MZ is the mark of a program.") == ["MZ is the mark of a program."]


def test_a_file_of_a_distant_storage_is_read_too(memory_file):
    from knowledge.extraction.blocks import Limits

    file = memory_file(made_files.docx("Hello"))

    found = extract(file, limits=Limits(), on_page=lambda done, total: None)

    assert found.blocks == [Block("Hello")]
