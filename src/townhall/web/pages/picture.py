"""One picture of our own, of a reply or of a draft, for those who may see it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from townhall.flow import picturing
from townhall.web.hands import keys
from townhall.web.pages.brand import guest


@require_GET
def page(request: HttpRequest, picture_id: int) -> HttpResponse:
    """The picture; with ``?small`` a small one."""
    here = guest(request, "read_case")
    shown = picturing.look(here.conn, keys().kek, here.asker, picture_id, small="small" in request.GET)
    return served(shown.data, shown.media_type)


def served(data: bytes, media_type: str) -> HttpResponse:
    """A picture as a browser gets it: for this reader alone, kept an hour, and nothing in it ever runs."""
    answer = HttpResponse(data, content_type=media_type)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
