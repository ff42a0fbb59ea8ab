"""Who has a case open now, and who writes: said by each page, and told back to it."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from townhall.care import presence as viewing
from townhall.care import store as case_store
from townhall.desk import conversation as desk_conversation
from townhall.web.pages.brand import guest


@require_POST
def say(request: HttpRequest, case_id: int) -> JsonResponse:
    """Says that the reader is here, and whether they type; tells which colleagues are, and who of them types."""
    here = guest(request, "read_case")
    case_store.case(here.conn, here.asker.brand_id, case_id)
    viewing.look(
        here.conn, here.asker.brand_id, case_id, here.asker.staff_id, here.asker.name, here.now,
        typing=request.POST.get("typing") == "1",
    )  # fmt: skip
    others = desk_conversation.viewers(here.conn, case_id, here.asker.staff_id, here.now)
    told = [{"name": one.name, "initials": one.initials, "typing": one.typing} for one in others]
    return JsonResponse({"others": told})
