"""What the inbox and a conversation offer for gathering cases under an incident."""

from typing import Any

from townhall.care.logic.incident import named_after
from townhall.desk import incidents as desk
from townhall.web.pages.brand import Guest


def offered(here: Guest) -> dict[str, Any]:
    """The open incidents that cases may go to; nothing for who may not gather any."""
    if not here.asker.may("gather_cases"):
        return {"incidents": ()}
    return {"incidents": desk.open_incidents(here.conn, here.asker.brand_id)}


def suggested(here: Guest) -> dict[str, Any]:
    """What the line above the list offers: cases that look alike, and the title an incident of them would have."""
    found = desk.alike(here.conn, here.asker.brand_id, here.now) if here.asker.may("gather_cases") else None
    return {"alike": found, "alike_title": named_after(found.what) if found else ""}
