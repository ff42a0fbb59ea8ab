"""A firehose made here: posts of 661 bytes on average, one JSON object a line, in blocks of about a megabyte.

``python -m townhall.run.bench.posts COUNT`` writes them to standard output. Most are nobody's business; of thirty,
one names a made-up brand and two use a word that a brand uses too. Some are escaped as networks do.
"""

import json
import os
import random
import sys
from collections.abc import Iterator

from townhall.run.bench.listen_signs import thousand_signs

BLOCK = 1 << 20
SIZE = 661
_MADE = 30_000
_SMALL = (
    "just had the best lunch with {a} and {b}", "cannot believe the {a} last night, what a {b}",
    "good morning everyone, {a} {b} and coffee", "watching {a} again because {b}", "lol {a} {b} haha",
    "my {a} thinks the {b} is hers now", "new post: {a} and the art of {b}", "who else loves {a}? {b} forever",
    "el {a} de anoche fue incre\u00edble \u2764\ufe0f {b}", "{a} \u0438 {b} \u043e\u043f\u044f\u0442\u044c", "{a}\u3068{b}\u304c\u597d\u304d\u3067\u3059",
)  # fmt: skip
_WORDS = (
    "music", "football", "sunset", "dragon", "garden", "exam", "guitar", "holiday", "movie", "puppy", "traffic", "pizza",
    "winter", "bridge", "teacher", "dream", "ocean", "ticket", "party", "window", "story", "mountain", "kitchen", "game",
)  # fmt: skip


def blocks(count: int, seed: int = 5) -> Iterator[bytes]:
    """``count`` posts in blocks of whole lines, the same for the same seed. Texts repeat after 30,000; ids do not."""
    chance = random.Random(seed)  # noqa: S311 - traffic, not secrets
    made = [_post(chance) for _ in range(min(count, _MADE))]
    block, size = [], 0
    for number in range(count):
        line = b'{"id":"%019d",' % (1_770_000_000_000_000_000 + number) + made[number % len(made)]
        block.append(line)
        size += len(line)
        if size >= BLOCK - SIZE:
            yield b"".join(block)
            block, size = [], 0
    if block:
        yield b"".join(block)


def _post(chance: random.Random) -> bytes:
    text = _text(chance)
    person = chance.randrange(10**6)
    post = {
        "created_at": "2026-03-02T09:00:00.000Z", "text": text, "lang": "en",
        "author": {"id": str(person), "username": f"p{person}", "name": "Somebody", "location": "Leamouth",
                   "followers": chance.randrange(10**5), "description": " ".join(chance.choices(_WORDS, k=12))},
        "public_metrics": {"reposts": chance.randrange(9), "replies": 0, "likes": chance.randrange(99), "quotes": 0},
        "conversation_id": str(person * 7919), "source": "https://app.example/", "sensitive": False, "replies": "everyone",
    }  # fmt: skip
    body = json.dumps(post, ensure_ascii=chance.random() < 0.5, separators=(",", ":"))
    short = SIZE - len(body.encode()) - 36
    padded = body[:-1] + (f',"seen":"{chance.randbytes(short // 2).hex()}"}}' if short > 20 else "}")
    return padded[1:].encode() + b"\n"


def _text(chance: random.Random) -> str:
    said = chance.choice(_SMALL).format(a=chance.choice(_WORDS), b=chance.choice(_WORDS))
    dice = chance.random()
    if dice < 0.1:
        sign = chance.choice(thousand_signs()).text.rstrip("*")
        said += chance.choice((" {}", "\n{}", " {}?", ", {}!", " https://{}/x", " ({})")).format(
            chance.choice((sign, sign.upper(), sign.title()))
        )
    if chance.random() < 0.15:
        said += "?"
    return said


if __name__ == "__main__":
    for made_block in blocks(int(sys.argv[1])):
        view = memoryview(made_block)
        while view:
            view = view[os.write(1, view) :]
