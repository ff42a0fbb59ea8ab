"""What stands above every page, or nothing before somebody has a seat."""

from psycopg.pq import TransactionStatus

from townhall.desk.standing import Standing, standing
from townhall.web.pages.brand import Visit

NOTHING = Standing()


def read(visit: Visit) -> Standing:
    """The standing of the visit's brand; nothing when its transaction has failed and the page says so."""
    if visit.asker is None or visit.conn.info.transaction_status == TransactionStatus.INERROR:
        return NOTHING
    return standing(visit.conn, visit.asker)
