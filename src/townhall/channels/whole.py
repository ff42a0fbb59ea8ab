"""The whole body of an answer, in bounds. Who sends it chose how it is packed: sixteen kilobytes can unpack to half a
gigabyte at once. So it is unpacked no further than to the bound, and by the one packing that we ask for."""

import zlib

import httpx

from townhall.kernel.errors import TooLarge

ASK = {"accept-encoding": "gzip"}
"""What a request says of packings: other ones are not read."""
_GZIP = 31
"""Zlib's window bits for gzip alone."""


async def whole(answer: httpx.Response, most: int) -> bytes:
    """The bytes of an answer whose body is still to come. Raises ``TooLarge`` beyond ``most`` bytes, and
    ``httpx.DecodingError`` for another packing or a broken one."""
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("gzip", "identity", ""):
        raise httpx.DecodingError(f"an answer packed by {packing[:20]!r} is not read", request=answer.request)
    return await (_unpacked if packing == "gzip" else _plain)(answer, most)


async def _plain(answer: httpx.Response, most: int) -> bytes:
    found = bytearray()
    async for piece in answer.aiter_raw():
        found += piece
        _check(found, most)
    return bytes(found)


async def _unpacked(answer: httpx.Response, most: int) -> bytes:
    found, unpacking, came = bytearray(), zlib.decompressobj(_GZIP), False
    async for piece in answer.aiter_raw():
        came = came or bool(piece)
        try:
            found += unpacking.decompress(piece, most + 1 - len(found))
        except zlib.error as wrong:
            raise httpx.DecodingError(str(wrong), request=answer.request) from wrong
        _check(found, most)
    if came and not unpacking.eof:
        raise httpx.DecodingError("the answer is packed and ends too early", request=answer.request)
    return bytes(found)


def _check(found: bytearray, most: int) -> None:
    if len(found) > most:
        raise TooLarge(f"the answer holds more than {most:,} bytes")
