"""Error pages: what happened, what was kept, what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from townhall.kernel.errors import TownhallError, Unavailable

_TITLES = {
    400: "That request could not be read",
    401: "That was not signed",
    403: "Your roles do not include this",
    404: "There is nothing here",
    409: "Somebody changed it first",
    413: "That is too large",
    422: "That cannot be done as asked",
    503: "Something that Townhall needs does not answer",
}
_ADVICE = {
    403: "Nothing was changed. An administrator of the brand can give you the role under People.",
    404: "It may belong to another brand, or the address may be mistyped. Nothing was changed.",
    409: "Your text is kept. Open the conversation again to see what is new.",
    503: "What you wrote is kept as a draft. Try again in a minute.",
}


def show(request: HttpRequest, status: int, what: str = "") -> HttpResponse:
    """The page for a status. ``what`` is the sentence that says what happened."""
    words = {
        "status": status,
        "title": _TITLES.get(status, "Townhall failed at this page"),
        "what": what,
        "advice": _ADVICE.get(
            status, "Nothing was changed. Try again; if it stays so, the log on the host says why."
        ),
    }
    return render(request, "error.html", words, status=status)


def of(request: HttpRequest, error: TownhallError) -> HttpResponse:
    """The page for one of our own errors."""
    what = str(error)
    if isinstance(error, Unavailable) and not what:
        what = "An outside part does not answer."
    return show(request, error.status, what)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return show(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 from Django itself."""
    return show(request, 403)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from a page of ours."""
    return show(
        request, 403, "The form was too old or did not come from this page. Open the page again and repeat."
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return show(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    return show(request, 500)
