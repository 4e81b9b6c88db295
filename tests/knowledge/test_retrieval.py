"""The one search: what it finds, and what it never does."""

from uuid import uuid4

import numpy as np
import pytest
from django.db import connection

from benchmarks import corpus, text
from knowledge import codes, embedding, lexical, retrieval, services, spaces
from knowledge.models import Chunk, SourceUserGrant
from knowledge.retrieval import ALPHA, retrieve
from tests.factories.knowledge import SourceFactory, indexed, upload
from tests.knowledge.test_lexical import PASSAGES, reference_score

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(access, contributor):
    return access(contributor)


@pytest.fixture
def handbook(by, source):
    return indexed(
        by, source,
        ("leave.md", "# Leave\n\n- Parental leave lasts sixteen weeks."),
        ("travel.txt", "Travel costs are paid back within a month."),
        ("pay.txt", "Salaries arrive on the last day of the month."),
    )  # fmt: skip


def names(found):
    return [passage.document_name for passage in found.passages]


def test_the_best_passage_comes_first_with_its_place(by, source, handbook):
    found = retrieve(by, "How long is parental leave?")

    [first, *_] = found.passages
    chunk = Chunk.unscoped.get(document=handbook[0])
    assert (first.chunk_id, first.document_id) == (chunk.pk, handbook[0].pk)
    assert (first.document_name, first.source_name) == ("leave.md", source.name)
    assert (first.heading, first.page) == ("Leave", None)
    assert first.text == "- Parental leave lasts sixteen weeks."
    assert found.considered == 3
    assert found.took_ms > 0


def test_scores_fall_and_are_the_mix_of_both_channels(by, handbook):
    found = retrieve(by, "parental leave month", explain=True)

    scores = [passage.score for passage in found.passages]
    assert scores == sorted(scores, reverse=True)
    for passage in found.passages:
        dense = max(passage.dense_score, 0)
        lexical_share = passage.lexical_score / found.explanation.lexical_maximum
        assert passage.score == pytest.approx(ALPHA * dense + (1 - ALPHA) * lexical_share, abs=1e-5)


def test_words_score_as_bm25_does_by_its_definition(by, source, monkeypatch):
    texts = [text for text in PASSAGES if text]
    average = np.mean([len(lexical.terms(text)) for text in texts])
    space = spaces.current(source.tenant_id)
    space.average_length = average
    space.save()
    indexed(by, source, *((f"{n}.txt", text) for n, text in enumerate(texts)))
    monkeypatch.setattr("tests.knowledge.test_lexical.PASSAGES", texts)

    found = retrieve(by, "parental leave travel")

    assert len(found.passages) == 3
    for passage in found.passages:
        number = int(passage.document_name[0])
        expected = reference_score("parental leave travel", number)
        assert passage.lexical_score == pytest.approx(expected, rel=1e-5)


def test_meaning_is_the_cosine(by, handbook):
    [first, *_] = retrieve(by, "parental leave").passages

    text = f"{first.heading}\n{first.text}"
    query, passage = embedding.embed(["parental leave", text])
    assert first.dense_score == pytest.approx(float(query @ passage), abs=2e-3)


def test_as_many_as_there_are_up_to_the_limit(by, handbook):
    assert len(retrieve(by, "leave", limit=2).passages) == 2
    assert len(retrieve(by, "zzz qqq", limit=50).passages) == 3


def test_nothing_is_cut_off_before_both_channels_are_mixed(by, handbook):
    everything = retrieve(by, "parental leave").passages
    middle = everything[1].score

    found = retrieve(by, "parental leave", minimum_score=middle - 1e-9)

    assert len(found.passages) == 2


def test_only_the_sources_that_are_named_are_searched(by, handbook, access, editor):
    other = services.create_source(access(editor), name="Other")
    indexed(by, other, ("other.txt", "Parental leave of another firm."))

    assert names(retrieve(by, "parental leave", source_ids=[other.pk])) == ["other.txt"]
    assert names(retrieve(by, "parental leave", source_ids=[])) == []


def test_another_tenant_s_passages_are_never_found(by, handbook, access, stranger, other_tenant):
    theirs = access(stranger, other_tenant)
    foreign = SourceFactory(tenant=other_tenant)
    indexed(theirs, foreign, ("foreign.txt", "Parental leave at Globex."))

    assert "foreign.txt" not in names(retrieve(by, "parental leave Globex"))
    assert names(retrieve(by, "parental leave", source_ids=[foreign.pk])) == []
    assert names(retrieve(theirs, "parental leave")) == ["foreign.txt"]


def test_a_restricted_source_is_found_by_those_it_is_shared_with(
    by, source, handbook, owner, viewer, access
):
    source.is_restricted = True
    source.save()

    assert retrieve(by, "parental leave").passages == []
    assert names(retrieve(access(owner), "parental leave"))[0] == "leave.md"

    SourceUserGrant.objects.assign_perm("view_source", viewer, source)
    assert names(retrieve(access(viewer), "parental leave"))[0] == "leave.md"


def test_a_document_that_is_not_read_yet_is_not_found(by, source, handbook):
    upload(by, source, ("new.txt", b"Parental leave parental leave"))

    assert "new.txt" not in names(retrieve(by, "parental leave"))


def test_a_deleted_document_is_not_found(by, handbook):
    services.delete_document(by, handbook[0])

    assert "leave.md" not in names(retrieve(by, "parental leave"))


@pytest.mark.parametrize("query", ["", "   ", "\x00"])
def test_an_empty_question_finds_nothing(by, handbook, query):
    assert retrieve(by, query).passages == []


@pytest.mark.parametrize("query", ["the and of", "?!", "'; DROP TABLE", "x" * 10_000, "日本"])
def test_any_question_is_answered(by, handbook, query):
    assert len(retrieve(by, query).passages) == 3


def test_a_tenant_without_documents_finds_nothing(by, source):
    found = retrieve(by, "anything", explain=True)

    assert found.passages == []
    assert found.considered == 0


def test_an_explanation_tells_what_each_term_counts(by, handbook):
    explanation = retrieve(by, "month of leave", explain=True).explanation

    assert set(explanation.term_weights) == {"month", "leav"}
    assert explanation.term_weights["leav"] > explanation.term_weights["month"] > 0
    assert explanation.passages_in_space == 3
    assert retrieve(by, "month of leave").explanation is None


def test_a_search_takes_three_queries(by, handbook, django_assert_num_queries):
    with django_assert_num_queries(3):
        retrieve(by, "parental leave", limit=50)


# ── The routes ────────────────────────────────────────────────────────────────────────────────


EXACT = f"""
SELECT id FROM knowledge_chunkvector WHERE {retrieval.WITHIN}
ORDER BY embedding <#> %(vector)s::halfvec LIMIT 10
"""


def ids(statement, values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def crowd(db, monkeypatch):
    """A thousand passages of a tenant, among others', on many topics."""
    monkeypatch.setattr(corpus, "settle_storage", lambda: None)
    return corpus.many_tenants(2, 1_000)[0]


def test_the_nearest_by_code_hold_the_nearest_in_truth(crowd):
    where = {
        "tenant": crowd.access.tenant.pk,
        "space": crowd.space.pk,
        "sources": [crowd.source.pk],
    }
    hits = 0
    for vector in embedding.embed(text.passages(40, words=60, seed=99)):
        code = codes.as_text(codes.codes(vector[None])[0])
        by_code = ids(retrieval.NEAR, {**where, "code": code, "by_meaning": retrieval.BY_MEANING})
        exact = ids(EXACT, {**where, "vector": str(vector.tolist())})
        hits += len(set(exact) & set(by_code))

    assert hits / 400 >= 0.99


def test_codes_are_read_from_the_index_alone():
    # Whether the index can answer alone is asked here. Which way the planner takes hangs on what
    # autovacuum saw of the table, so the table here is one that has this index and no other.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef('vector_codes'::regclass)")
        [(index,)] = cursor.fetchall()
        cursor.execute("CREATE TEMP TABLE knowledge_chunkvector (LIKE knowledge_chunkvector)")
        cursor.execute(index.replace("public.", "pg_temp."))
        for way in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(
            f"EXPLAIN {retrieval.NEAR}",
            {
                "tenant": uuid4(),
                "space": uuid4(),
                "sources": [uuid4()],
                "code": "0" * codes.BITS,
                "by_meaning": 200,
            },
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Only Scan using vector_codes" in plan
