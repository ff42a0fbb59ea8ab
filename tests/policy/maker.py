"""Makes up conditions of the whole subset, and posts to hold against them, from a seed."""

import random

from townhall.policy.logic.context import FIELDS, Context

WORDS = [
    "refund",
    "no signal",
    "Bill",
    "é",
    "a",
    "",
    "ß straße",
    "question",
    "'quoted'",
    "back\\slash",
    "\U0001f600x",
]
PATTERNS = [
    "ref(und)?",
    "^no",
    "l{2}$",
    "[a-c]x{0,3}",
    "b|é",
    "\\\\bsig",
    "(?i)BILL",
    "q.{1,3}t",
    "[^a-z ]",
    "\\\\d{2,4}",
]
NAMES = {
    kind: [name for name, (_, type_) in FIELDS.items() if type_ == kind]
    for kind in ("bool", "int", "double", "string")
}


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


ORDER = ["==", "!=", "<", "<=", ">", ">="]


class Maker:
    """Writes expressions of a wanted type; ``sure`` ones always have a value. A seed makes the choices."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def pick(self, choices):
        return self.chance.choice(choices)

    def draw(self, top: int) -> int:
        return self.chance.randint(0, top)

    def whole(self, depth: int, sure: bool) -> str:
        kind = self.draw(2 if sure or depth == 0 else 5)
        if kind == 0:
            return self.pick(
                ["-4", "-1", "0", "1", "2", "3", "9", "0x1F", "9223372036854775807", "-9223372036854775808"]
            )
        if kind == 1:
            return self.pick(NAMES["int"])
        if kind == 2:
            return f"size({self.pick(['author.handle', 'channel.kind', quoted('straight')])})"
        if kind == 3:
            return f"-({self.pick(['thread.posts', 'post.length', '7', '-3'])})"
        return f"({self.whole(depth - 1, sure)} {self.pick('+-*/%')} {self.whole(depth - 1, sure)})"

    def double(self, depth: int) -> str:
        if depth == 0 or self.draw(1):
            return self.pick(["0.0", "1.5", "0.25", "1e3", "2.0", *NAMES["double"]])
        if self.draw(3) == 0:
            return f"({self.double(depth - 1)} / {self.pick(['0.5', '3.0', '-1e2'])})"
        return f"({self.double(depth - 1)} {self.pick('+-*')} {self.double(depth - 1)})"

    def text(self, depth: int, sure: bool, variables: tuple[str, ...] = ()) -> str:
        kind = self.draw(2 if depth == 0 else 4)
        if kind == 0:
            return quoted(self.pick(WORDS))
        if kind == 1:
            return self.pick([*NAMES["string"], *variables, *variables])
        if kind == 2:
            return self.pick(["post.text", *variables])
        if kind == 3:
            return f"({self.text(depth - 1, sure, variables)} + {self.text(depth - 1, sure, variables)})"
        parts = (self.text(depth - 1, sure, variables) for _ in range(2))
        return f"({self.boolean(0, sure)} ? {' : '.join(parts)})"

    def items(self, sure: bool, variables: tuple[str, ...] = ()) -> str:
        kind = self.draw(3)
        if kind < 2:
            return ("post.findings", "(post.findings + ['card'])")[kind]
        return f"[{', '.join(self.text(0, sure, variables) for _ in range(1 + self.draw(4)))}]"

    def atom(self, depth: int, sure: bool, variables: tuple[str, ...]) -> str:
        kind = self.draw(7)
        if kind == 0:
            return self.pick(["true", "false", *NAMES["bool"]])
        if kind == 1:
            return f"{self.whole(depth, sure)} {self.pick(ORDER)} {self.whole(depth, sure)}"
        if kind == 2:
            return f"{self.double(depth)} {self.pick(ORDER)} {self.double(depth)}"
        if kind == 3:
            return f"{self.whole(0, True)} in [{', '.join(self.whole(0, True) for _ in range(self.draw(4)))}]"
        text = self.text(min(depth, 1), sure, variables)
        if kind == 4:
            return f"{text} {self.pick(ORDER)} {self.text(min(depth, 1), sure, variables)}"
        if kind == 5:
            method = self.pick(["contains", "startsWith", "endsWith"])
            return f"{text}.{method}({self.text(0, sure, variables)})"
        if kind == 6:
            return f"{text}.matches('{self.pick(PATTERNS)}')"
        return f"{text} in {self.items(sure, variables)}"

    def boolean(self, depth: int, sure: bool = False, variables: tuple[str, ...] = ()) -> str:
        kind = self.draw(6) if depth else 0
        below = (self.boolean(depth - 1, sure, variables) for _ in range(9))
        if kind == 1:
            return f"!{next(below)}"
        if kind in (2, 3):
            parts = [next(below) for _ in range(2 + self.draw(2))]
            return f"({(' && ' if kind == 2 else ' || ').join(parts)})"
        if kind == 4:
            return f"({next(below)} ? {next(below)} : {next(below)})"
        if kind == 5:
            return f"({next(below)} == {next(below)})"
        if kind == 6 and len(variables) < 2:
            name = f"x{len(variables)}"
            items, macro = self.items(True, variables), self.pick(["exists", "all"])
            return f"{items}.{macro}({name}, {self.boolean(depth - 1, True, (*variables, name))})"
        return f"({self.atom(depth, sure, variables)})"

    def post(self) -> Context:
        values = {attribute: self.value(attribute, type_) for attribute, type_ in FIELDS.values()}
        return Context(**values)

    def value(self, attribute: str, type_: str):
        if type_ == "string":
            words = [
                word for word in WORDS if word.isascii() or attribute not in ("author_handle", "channel")
            ]
            return " ".join(self.pick(words) for _ in range(self.draw(4)))
        if type_ == "list(string)":
            return tuple(self.pick([*WORDS, "card"]) for _ in range(self.draw(3)))
        return self.pick(
            {"bool": [True, False], "int": range(-2, 10), "double": [0.0, 0.25, 1.5, 0.1]}[type_]
        )
