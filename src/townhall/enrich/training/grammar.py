# ruff: noqa: SIM905 (word lists read better as prose than as quoted strings)
"""Care posts put together by chance from phrases of ours: things, faults, joys, questions, grumbles.

The public sets of feeling are small talk; what a firm is told is not. The mixture leans to the negative, as care
traffic does. The draw is seeded, so training is repeatable.
"""

import random

from townhall.enrich.training import needs, phrases, remarks

_THINGS = (
    "flight|train|bus|order|parcel|package|delivery|phone|internet|wifi|app|website|card|account|bill|seat|booking|"
    "reservation|ticket|bag|luggage|refund|connection|line|call|room|car|driver|agent|crew|staff|store|laptop|screen|"
    "battery|update|game|subscription|payment|gate agent|boarding|check in|customer service|service|signal|router|"
    "streaming|playlist|upgrade|voucher|email|chat|support team|plane|food|meal|coffee|queue|hold time"
).split("|")
_FAULTS = (
    "is delayed|was delayed again|got cancelled|was cancelled|never arrived|never showed up|is late|is broken|does not work|"
    "doesn't work|isn't working|not working|keeps crashing|keeps dropping|is terrible|was terrible|is awful|is so slow|"
    "is the worst|is a joke|is a mess|is missing|was lost|got damaged|was stolen|is wrong|was wrong|is down|is still down|"
    "won't load|won't open|failed|failed twice|is stuck|was rude|was so rude|was no help|was dirty|was cold|is overpriced|"
    "costs too much|has no seats left|is not responding|hung up on me|refused to help|has been pending for days|"
    "still hasn't arrived|hasn't been updated|makes no sense|sucks|is unacceptable|has errors|is a scam|lied to me"
).split("|")
_SPANS = (
    "for hours|for 3 hours|for two days|for a week|since monday|since this morning|all day|all night|again|every day|"
    "for the third time|for over an hour|for 45 minutes|last night|today|right now|for weeks"
).split("|")
_GRUMBLES = (
    "ugh|wtf|smh|seriously|come on|really|unreal|unbelievable|wow just wow|so angry|i am furious|so annoyed|sick of this|"
    "i hate this|this is insane|what is going on|nobody helps|no one answers|no response|no explanation|no apology|"
    "fix it|do better|get it together|never again|i'm done|i am leaving|i want a refund|give me my money back|"
    "how hard can it be|what a nightmare|worst day|fail|#fail|#worstservice|#nothappy|:(|😡|😠|😤|🤬|😭|👎|not cool|"
    "lost a customer|you lost me|this is the second time|still waiting|been waiting|stuck here|can't believe this|"
    "disappointed|frustrated|pathetic|embarrassing|incompetent|garbage|trash|ridiculous|stupid|problem|problems|issue"
).split("|")
_JOYS = (
    "was great|was amazing|is awesome|was perfect|is excellent|was fantastic|made my day|was so helpful|was super friendly|"
    "is the best|arrived early|was on time|works great|is working again|was quick|was easy|was smooth|looks beautiful|"
    "is so good|was lovely|exceeded my expectations|rocks"
).split("|")
_CHEERS = (
    "thanks|thank you|thank you so much|thx|love it|love you guys|great job|good job|well done|awesome|amazing|excellent|"
    "perfect|yay|:)|😊|😍|❤|👍|🎉|🙌|#happy|#love|#bestservice|so happy|best ever|you rock|can't wait|so excited|kudos|cheers|"
    "appreciate it|wonderful|fantastic|brilliant|nice|nice work|happy customer|hats off|bravo|impressed|<3"
).split("|")
_ASKS = (
    "when does my {0} arrive|where do i find my {0}|can i change my {0}|can i add a {0}|how do i book a {0}|"
    "do you have a {0} for tomorrow|is there a {0} on sunday|what about the {0}|how much is the {0}|which {0} do i need|"
    "can you check my {0}|any news about the {0}|i have a question about my {0}|i need to change my {0}|"
    "looking for information on the {0}|i sent you my {0} number|just sent you a dm about the {0}|what time is the {0}|"
    "is the {0} included|does the {0} work abroad|trying to set up my {0}|i would like to know more about the {0}|"
    "here is my {0} number|could you tell me about the {0}|are you going to add a {0}"
).split("|")
_ENDS = (". ", ", ", " ", "! ", " ... ", "!! ")
_SHARES = (("negative", 0.5), ("neutral", 0.3), ("positive", 0.2))


def posts(count: int) -> list[tuple[str, str]]:
    """So many (text, feeling) made-up care posts."""
    chance = random.Random(11)  # noqa: S311 (a repeatable draw, not a secret)
    moods = chance.choices([m for m, _ in _SHARES], [s for _, s in _SHARES], k=count)
    return [(_post(chance, mood), mood) for mood in moods]


def _post(chance: random.Random, mood: str) -> str:
    makers = {"negative": _cross, "neutral": _asking, "positive": _glad}
    parts = [makers[mood](chance) for _ in range(chance.choice((1, 1, 2, 2, 3)))]
    if chance.random() < 0.25:
        parts.insert(chance.randrange(len(parts) + 1), _asking(chance))
    text = chance.choice(_ENDS).join(parts) + chance.choice(
        ("", "", ".", "!", "?" if mood == "neutral" else "")
    )
    return f"@brand {text}" if chance.random() < 0.7 else text


def _cross(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.45:
        thing = f"{chance.choice(('my', 'your', 'the'))} {chance.choice(_THINGS)} {chance.choice(_FAULTS)}"
        return f"{thing} {chance.choice(_SPANS)}" if chance.random() < 0.3 else thing
    if kind < 0.7:
        return chance.choice(_GRUMBLES)
    return chance.choice(phrases.NEGATIVE + remarks.NEGATIVE + needs.OUTAGE)


def _glad(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.4:
        return f"{chance.choice(('my', 'your', 'the'))} {chance.choice(_THINGS)} {chance.choice(_JOYS)}"
    return chance.choice(_CHEERS if kind < 0.7 else phrases.POSITIVE + remarks.POSITIVE)


def _asking(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return chance.choice(_ASKS).format(chance.choice(_THINGS))
    return chance.choice(phrases.NEUTRAL + remarks.NEUTRAL + needs.HOW_TO)


def intents(each: int) -> list[tuple[str, str]]:
    """So many (text, intent) made-up posts of each intent that the public sets lack."""
    chance = random.Random(13)  # noqa: S311 (a repeatable draw, not a secret)
    made = []
    for label, lines in needs.BY_INTENT.items():
        for _ in range(each):
            text = chance.choice(lines)
            if chance.random() < 0.5:
                extra = (
                    _CHEERS
                    if label == "praise"
                    else (*_GRUMBLES, "thanks", "please help", "can you help", "any idea")
                )
                text = f"{text}{chance.choice(_ENDS)}{chance.choice(extra)}"
            made.append((f"@brand {text}" if chance.random() < 0.6 else text, label))
    return made
