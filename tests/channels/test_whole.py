"""The body of a stranger's answer is never unpacked beyond its bound, whatever it is packed by."""

import asyncio
import gzip
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import zstandard

from townhall.channels.fetched import fetched
from townhall.channels.limits import Limits
from townhall.channels.wire import MAX_ANSWER, Wire
from townhall.flow.photos import Photos
from townhall.kernel.errors import ChannelUnavailable, TooLarge, Unavailable

HERE = frozenset({"127.0.0.1"})
PLAIN = b"It is a fine day. " * 1_000
GZIP_BOMB = gzip.compress(bytes(1 << 28))


def zstandard_bomb(size: int) -> bytes:
    """Blocks of one byte, repeated 131,072 times each: four bytes make 128 KB."""
    blocks = size >> 17
    made = b"\x28\xb5\x2f\xfd\x00" + bytes([17 << 3])
    for n in range(blocks):
        made += (131_072 << 3 | 2 | (n == blocks - 1)).to_bytes(3, "little") + b"A"
    return made


@asynccontextmanager
async def stranger(body: bytes, packing: str) -> AsyncIterator[str]:
    """A server that answers everything with this body, packed as it says."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert b"accept-encoding: gzip\r\n" in asked
        head = f"HTTP/1.1 200 OK\r\ncontent-encoding: {packing}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()


def peak() -> int:
    """The most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


async def test_what_is_packed_by_gzip_or_not_at_all_is_read_whole() -> None:
    for body, packing in ((PLAIN, "identity"), (gzip.compress(PLAIN), "gzip"), (b"", "gzip")):
        async with stranger(body, packing) as address:
            assert await fetched(address, len(PLAIN), HERE) == (PLAIN if body else b"")


async def test_what_grows_beyond_its_bound_is_not_unpacked_further() -> None:
    before = peak()
    async with stranger(GZIP_BOMB, "gzip") as address:
        with pytest.raises(TooLarge, match="2,000,000"):
            await fetched(address, 2_000_000, HERE)
    assert peak() - before < 64


@pytest.mark.parametrize("packing", ["zstd", "gzip, zstd", "deflate", "br"])
async def test_what_nobody_asked_for_is_not_unpacked_at_all(packing: str) -> None:
    bomb = zstandard_bomb(1 << 28)
    assert len(zstandard.ZstdDecompressor().decompressobj().decompress(bomb[:4_006])) > 100 << 20
    before = peak()
    async with stranger(bomb, packing) as address:
        with pytest.raises(Unavailable, match="is not read"):
            await fetched(address, 2_000_000, HERE)
        wire = Wire(address, lambda: 0, Limits(), 5.0)
        with pytest.raises(ChannelUnavailable):
            await wire.get("/", "all", "")
        await wire.close()
        photos = Photos(None, None, lambda: 0, HERE)  # type: ignore[arg-type]  # nothing is kept here
        with pytest.raises(httpx.DecodingError):
            await photos._bytes(address)
        await photos.close()
    assert peak() - before < 64


async def test_a_network_that_answers_too_much_is_refused() -> None:
    async with stranger(gzip.compress(bytes(MAX_ANSWER + 1)), "gzip") as address:
        wire = Wire(address, lambda: 0, Limits(), 5.0)
        with pytest.raises(ChannelUnavailable, match="broke off"):
            await wire.get("/", "all", "")
        await wire.close()


@pytest.mark.parametrize("body", [gzip.compress(PLAIN, mtime=0)[:-9], b"no gzip", b"\x1f\x8b\x08"])
async def test_what_is_cut_or_broken_is_no_answer(body: bytes) -> None:
    async with stranger(body, "gzip") as address:
        with pytest.raises(Unavailable):
            await fetched(address, 2_000_000, HERE)
