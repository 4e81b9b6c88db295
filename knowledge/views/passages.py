"""A passage between its neighbours, and the search for passages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from knowledge import embedding, highlighting, reading
from knowledge.forms import SearchForm
from knowledge.models import Chunk, Source
from knowledge.retrieval import Retrieval, retrieve
from tenants.access import Access
from tenants.pages import object_page, render_page, tenant_page

MOST_RESULTS = 10


@object_page(Chunk, "view", "GET")
def chunk_detail(request: HttpRequest, access: Access, chunk: Chunk) -> HttpResponse:
    document = reading.opened_document(access, chunk.document)
    context = {
        "access": access,
        "chunk": chunk,
        "document": document,
        "passages": reading.surroundings(access, chunk),
    }
    return render_page(request, "knowledge/chunk_detail.html", context)


@tenant_page("GET")
def search(request: HttpRequest, access: Access) -> HttpResponse:
    embedding.warm_up()
    form = SearchForm(request.GET, access=access)
    is_valid = form.is_valid()
    asked = form.cleaned_data if is_valid else {}
    found = _found(access, asked.get("q", ""), asked.get("source"), bool(asked.get("explain")))
    context = {
        "access": access,
        "form": form,
        "retrieval": found,
        "results": _told(found, asked.get("q", "")),
        "query": asked.get("q", ""),
    }
    status = 200 if is_valid else 422
    return render_page(request, "knowledge/search.html", context, partial="results", status=status)


def _found(access: Access, query: str, source: Source | None, explain: bool) -> Retrieval | None:
    if not query:
        return None
    ids = [source.pk] if source else None
    return retrieve(access, query, source_ids=ids, limit=MOST_RESULTS, explain=explain)


def _told(found: Retrieval | None, query: str) -> list[dict[str, object]]:
    """Each passage with an excerpt in which the words of the query are marked."""
    return [
        {"passage": passage, "excerpt": highlighting.excerpt(passage.text, query)}
        for passage in (found.passages if found else ())
    ]
