"""Search: a person, a handle, an order number or a phrase."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from townhall.web.pages.brand import guest


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """People first, then posts with the hit in its words."""
    from townhall.desk import search

    here = guest(request, "read_case")
    query = request.GET.get("q", "").strip()
    results = (
        search.search(here.conn, here.asker.brand_id, query, here.now, cursor=request.GET.get("cursor", ""))
        if query
        else None
    )
    none = results is not None and not results.hits and not results.people and not request.GET.get("cursor")
    looser = search.loosened(here.conn, here.asker.brand_id, query, here.now) if none else ()
    return render(request, "search.html", {"query": query, "results": results, "looser": looser})
