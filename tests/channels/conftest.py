"""The networks that channels are tested against: a Mastodon on a line that can be cut, and an X of our own."""

from collections.abc import AsyncIterator, Iterator

import pytest
from mastodon_mock.testing.server import MockServer

from tests.channels.line import Line
from tests.channels.x_shop import Hand, client_for
from tests.channels.x_stand_in import XStandIn
from townhall.channels.x.client import XClient


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(log_level="critical") as running:
        yield running


@pytest.fixture
async def line(server: MockServer) -> AsyncIterator[Line]:
    async with Line("127.0.0.1", server.port) as open_line:
        yield open_line


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
async def x(clock: Hand) -> AsyncIterator[XStandIn]:
    async with XStandIn(clock).running() as running:
        yield running
    assert running.violations == []


@pytest.fixture
async def shop(x: XStandIn, clock: Hand) -> AsyncIterator[XClient]:
    client = client_for(x.url, clock)
    yield client
    await client.close()
