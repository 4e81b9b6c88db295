"""Passages keep whole thoughts, and know their page and headings."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge import chunking
from knowledge.chunking import LARGEST, split, tokens_in
from knowledge.extraction.blocks import Block

SENTENCE = "Requests for leave go to the team lead in good time."
blocks_of_any_kind = st.lists(
    st.builds(
        Block,
        text=st.text(max_size=3_000) | st.text("ab .\n", max_size=3_000),
        level=st.integers(0, 6),
        page=st.none() | st.integers(1, 3),
        is_lines=st.booleans(),
    ),
    max_size=12,
)


def paragraph(sentences):
    return Block(" ".join([SENTENCE] * sentences))


def headings(pieces):
    return [piece.heading for piece in pieces]


def test_a_short_document_is_one_passage():
    [piece] = split([Block("Leave", 1), Block("Thirty days."), Block("Ask your lead.")])

    assert piece == chunking.Piece(0, None, "Leave", "Thirty days.\n\nAsk your lead.", 7)


def test_an_upper_heading_begins_a_passage():
    pieces = split([Block("Leave", 1), Block("a"), Block("Parents", 2), Block("b"), Block("Pay", 1),
                    Block("c")])  # fmt: skip

    assert headings(pieces) == ["Leave", "Leave › Parents", "Pay"]


def test_small_sections_further_down_share_a_passage():
    [piece] = split([Block("Leave", 1), Block("One", 3), Block("a"), Block("Two", 3), Block("b")])

    assert piece.heading == "Leave › One"
    assert piece.text == "a\n\nTwo\n\nb"


def test_a_passage_has_one_page():
    pieces = split([Block("a", page=1), Block("b", page=1), Block("c", page=2)])

    assert [(piece.page, piece.text) for piece in pieces] == [(1, "a\n\nb"), (2, "c")]


def test_the_headings_of_an_earlier_page_still_hold():
    pieces = split([Block("Leave", 1, page=1), Block("a", page=1), Block("b", page=2)])

    assert headings(pieces) == ["Leave", "Leave"]


def test_a_long_section_becomes_passages_of_about_equal_size():
    pieces = split([Block("Leave", 1), *[paragraph(7)] * 12])

    assert len(pieces) > 3
    assert all(180 <= piece.tokens <= LARGEST for piece in pieces)


def test_a_paragraph_that_is_split_repeats_its_last_sentence():
    first, second, *_ = split([Block(" ".join(f"This is sentence {n}." for n in range(200)))])

    last = first.text.rpartition("This is")[2]
    assert second.text.startswith(f"This is{last} This is sentence")


def test_whole_paragraphs_are_not_repeated():
    pieces = split([Block(f"{n} {SENTENCE * 5}") for n in range(12)])

    assert sum(piece.text.count(SENTENCE) for piece in pieces) == 60


def test_lists_are_split_between_their_lines():
    lines = [f"- item {n} of a very long list of things" for n in range(200)]

    pieces = split([Block("\n".join(lines), is_lines=True)])

    assert all(line in lines for piece in pieces for line in piece.text.split("\n"))


def test_a_heading_with_nothing_under_it_is_found_too():
    pieces = split([Block("Annex A", 1), Block("Annex B", 1), Block("text"), Block("Annex C", 2)])

    assert [(piece.heading, piece.text) for piece in pieces] == [
        ("", "Annex A"), ("Annex B", "text"), ("Annex B", "Annex C")
    ]  # fmt: skip


def test_what_is_indexed_begins_with_the_headings():
    [piece] = split([Block("Leave", 1), Block("Parents", 2), Block("Sixteen weeks.")])

    assert piece.indexed_text == "Leave › Parents\nSixteen weeks."


@given(blocks_of_any_kind)
def test_the_same_blocks_give_the_same_passages(blocks):
    assert split(blocks) == split(blocks)


@given(blocks_of_any_kind)
def test_passages_are_within_bounds_and_can_be_stored(blocks):
    for position, piece in enumerate(split(blocks)):
        assert piece.position == position
        assert piece.text.strip()
        # The joints between parts are not counted while passages are put together.
        assert piece.tokens == tokens_in(piece.text) <= LARGEST * 1.2
        assert "\x00" not in piece.indexed_text
        piece.indexed_text.encode()


@given(blocks_of_any_kind)
def test_no_word_is_lost(blocks):
    pieces = split(blocks)

    told = "".join("".join(piece.indexed_text.split()) for piece in pieces)
    for block in blocks:
        if not block.level:
            for word in chunking._cleaned(block.text).split():
                assert word in told
