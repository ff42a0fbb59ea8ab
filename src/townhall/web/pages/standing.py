"""What stands above every page, or nothing before somebody has a seat."""

from townhall.desk.standing import Standing, standing
from townhall.web.pages.brand import Visit

NOTHING = Standing()


def read(visit: Visit) -> Standing:
    """The standing of the visit's brand."""
    return standing(visit.conn, visit.asker) if visit.asker else NOTHING
