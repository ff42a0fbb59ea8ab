"""What a network costs is shown in whole: reading, posts, and looks at whether an unclear one is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from line import SWALLOW, Line
from office import NOW, Office
from pretend import OneNetwork
from x_stand_in import XStandIn

from townhall.channels.port import AccountRef, AccountSettings
from townhall.channels.x.client import XClient
from townhall.channels.x.compose import POST, READ
from townhall.desk.channels import channels
from townhall.flow import outbound
from townhall.flow.delivery import Deliverer, deliver_once
from townhall.flow.outbound import Composed
from townhall.kernel.clock import MINUTE, SECOND
from townhall.outbound.logic.journey import Patience
from townhall.vault import open_keys

Desk = Callable[..., Any]


class Street:
    """A brand's account on a stand-in of X, a delivering process, and the figure that the channels page shows."""

    def __init__(self, office: Office, worker: psycopg.Connection, home: Path, x: XStandIn, url: str) -> None:
        self.now, self.office, self.worker = NOW, office, worker
        x.clock = lambda: self.now
        account = AccountRef(office.account, "shop", "1001", "x")
        self.client = XClient(AccountSettings(account=account, base_url=url, token="token-1001"), x.clock)
        patience = Patience(first_pause=SECOND, settle=SECOND)
        self.deliverer = Deliverer(
            worker, open_keys(home), OneNetwork(self.client), lambda: self.now, patience
        )

    async def at(self, instant: int) -> None:
        self.now = instant
        await deliver_once(self.deliverer)

    def shown(self) -> int:
        return channels(self.worker, self.office.brand, self.now)[0].cost_micro_usd


def reply(office: Office, at_desk: Desk, x: XStandIn) -> None:
    asked = x.post("2002", "@shop where is my parcel?")
    ann = office.staff("Ann")
    composed = Composed(
        case_id=office.case(native=asked, handle="ann"), kind="public", text="It arrives tomorrow."
    )
    at_desk(outbound.submit, ann, composed, NOW)


async def test_a_reply_raises_the_shown_cost_by_its_price(
    owner: psycopg.Connection, worker: psycopg.Connection, at_desk: Desk, tmp_path: Path
) -> None:
    office = Office(owner, "lantern", channel="x", handle="shop", native_id="1001")
    async with XStandIn(lambda: NOW).running() as x:
        street = Street(office, worker, tmp_path, x, x.url)
        reply(office, at_desk, x)
        assert street.shown() == 0
        await street.at(NOW + 10 * SECOND)
        assert (office.states(), street.shown()) == ({"sent": 1}, POST)
        await street.client.close()


async def test_looking_for_an_unclear_post_is_shown_too(
    owner: psycopg.Connection, worker: psycopg.Connection, at_desk: Desk, tmp_path: Path
) -> None:
    office = Office(owner, "lantern", channel="x", handle="shop", native_id="1001")
    async with XStandIn(lambda: NOW).running() as x, Line("127.0.0.1", x.port) as line:
        street = Street(office, worker, tmp_path, x, line.url)
        reply(office, at_desk, x)
        line.then(SWALLOW)
        await street.at(NOW + 10 * SECOND)
        assert (office.states(), street.shown()) == ({"unclear": 1}, 0)
        sent = next(one for one in x.posts.values() if one["author_id"] == "1001")
        text, sent["text"] = sent["text"], "X does not show it yet"
        await street.at(NOW + 20 * SECOND)
        assert (office.states(), street.shown()) == ({"unclear": 1}, 2 * READ), "our post and what it answers"
        sent["text"] = text
        await street.at(NOW + 5 * MINUTE)
        assert (office.states(), street.shown()) == ({"sent": 1}, 4 * READ + POST)
        await street.client.close()
