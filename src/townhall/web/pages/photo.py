"""One photo of a post, from what was fetched and kept: never straight from a stranger's server."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from townhall.flow import photo_book
from townhall.flow.photos import LABEL
from townhall.vault import open_sealed
from townhall.web.hands import keys
from townhall.web.pages.brand import guest
from townhall.web.pages.picture import served


@require_GET
def page(request: HttpRequest, post_id: int, place: int) -> HttpResponse:
    """The picture; without content while it is being fetched, or with the reason why it cannot be shown."""
    here = guest(request, "read_case")
    url = photo_book.address(here.conn, here.asker.brand_id, post_id, place)
    own = request.build_absolute_uri("/static/")
    if url.startswith(own):  # the demo's photos are files of ours
        return HttpResponseRedirect("/static/" + url.removeprefix(own))
    found = photo_book.look(here.conn, here.asker.brand_id, post_id, place, url, here.now)
    if found.sealed is None:
        return _not_here(found)
    return served(open_sealed(keys().kek, found.sealed, LABEL), found.media_type)


def _not_here(found: photo_book.Looked) -> HttpResponse:
    answer = HttpResponse(status=204)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Photo"] = found.state
    answer.headers["X-Photo-Why"] = found.why if found.state == "refused" else ""
    return answer
