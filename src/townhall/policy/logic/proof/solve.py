"""The solver's answers: a proof that no post does something, or a post that does and that the evaluator has confirmed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from msgspec import Struct

from townhall.kernel.clock import DAY
from townhall.policy.logic.context import BOUNDS, FIELDS, FREE, Context
from townhall.policy.logic.evaluate import evaluate
from townhall.policy.logic.expression import Node
from townhall.policy.logic.fault import NoValue
from townhall.policy.logic.proof.atoms import TextAtom, always, never, relations
from townhall.policy.logic.proof.formula import ELSE, Parts
from townhall.policy.logic.proof.texts import make_text
from townhall.policy.logic.rule import Rule

_MODELS = 6
_PATIENCE_MS = 2_000
_YEAR = 365 * DAY
_TIMES = (50 * _YEAR, 80 * _YEAR)

Outcome = Literal["never", "post", "undecided"]


class Answer(Struct, frozen=True):
    """``never``: proved that no post does it. ``post``: one does. ``undecided``: the parts in ``loose`` stand in the way."""

    outcome: Outcome
    post: Context | None = None
    loose: tuple[str, ...] = ()


def holds(rule: Rule, context: Context) -> bool:
    """Whether a rule matches a post, by the plain evaluator."""
    try:
        return rule.in_force(context.at) and bool(evaluate(rule.condition, context))
    except NoValue:
        return False


class Questions:
    """Rules put to the solver together."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._parts = Parts()
        self._formulas = [self._of(rule) for rule in self.rules]
        self._opposites = [self._parts.z3.Not(formula) for formula in self._formulas]
        self._yes = self._parts.z3.BoolVal(True)
        self._witnesses = self._find_witnesses()
        self._solver: Any = self._parts.z3.Solver()
        self._solver.set("timeout", _PATIENCE_MS)
        self._solver.add(*self._background())

    def ask(self, yes: Sequence[int], none_of: Sequence[int] = ()) -> Answer:
        """Is there a post that matches all rules of ``yes`` and none of ``none_of`` (by their places)?"""
        wanted = [self._formulas[n] for n in yes] + [self._opposites[n] for n in none_of]

        def confirmed(post: Context) -> bool:
            return all(holds(self.rules[n], post) for n in yes) and not any(
                holds(self.rules[n], post) for n in none_of
            )

        self._solver.push()
        try:
            self._solver.add(*wanted)
            return self._search(confirmed)
        finally:
            self._solver.pop()

    def _search(self, confirmed: Callable[[Context], bool]) -> Answer:
        for turn in range(_MODELS):
            said = self._solver.check()
            if said == self._parts.z3.unsat and not turn:
                return Answer("never")
            if said != self._parts.z3.sat:
                break
            model = self._solver.model()
            post = self._post(model)
            if post is not None and confirmed(post):
                return Answer("post", post)
            # from here on "no" is no proof: what was taken away is a model, and other posts may stand behind it
            self._solver.add(self._unlike(model))
        return Answer("undecided", loose=tuple(sorted(key for key in self._parts.loose)))

    def _of(self, rule: Rule) -> Any:
        z3, at = self._parts.z3, self._parts.at
        bounds = [at >= rule.from_at] if rule.from_at else []
        if rule.until_at:
            bounds.append(at < rule.until_at)
        return z3.And(self._parts.formula(rule.condition), *bounds)

    def _background(self) -> list[Any]:
        """What is true of every post."""
        parts, z3 = self._parts, self._parts.z3
        found = [parts.at >= _TIMES[0], parts.at <= _TIMES[1]]
        for name, number in parts.numbers.items():
            low, high = BOUNDS.get(name, FREE)
            found += [number >= low, number <= high]
        for known in parts.texts.values():
            found += _said_of_texts(z3, list(known.values()))
        for field, words in parts.members.items():
            size = parts.numbers.get(f"size({field})")
            if size is not None:
                found.append(z3.Sum([z3.If(held, 1, 0) for held in words.values()]) <= size)
        return [*found, *self._said_of_items()]

    def _find_witnesses(self) -> dict[str, Answer]:
        """For each test of a list's items, whether any text passes it, and one that does."""
        tests = {key: test for known in self._parts.items.values() for key, (test, _) in known.items()}
        return {key: Questions([_of_text(test)]).ask([0]) for key, test in tests.items()}

    def _said_of_items(self) -> Iterator[Any]:
        """A test that no text passes has no item; a word that passes one is an item that does."""
        z3 = self._parts.z3
        for field, known in self._parts.items.items():
            for key, (test, part) in known.items():
                if self._witnesses[key].outcome == "never":
                    yield z3.Not(part)
                if (size := self._parts.numbers.get(f"size({field})")) is not None:
                    yield z3.Implies(part, size >= 1)
                for word, held in self._parts.members.get(field, {}).items():
                    if word != ELSE and holds(_of_text(test), Context(text=word)):
                        yield z3.Implies(held, part)

    def _items(self, model: Any, field: str) -> Iterator[str]:
        for key, (_, part) in self._parts.items.get(field, {}).items():
            shown = self._witnesses[key].post
            if shown is not None and self._true(model, part):
                yield shown.text

    def _filled(self, model: Any, field: str, words: list[str]) -> tuple[str, ...]:
        """The list with as many words more as its size wants."""
        size = self._parts.numbers.get(f"size({field})")
        wanted = 0 if size is None else model.eval(size, model_completion=True).as_long()
        return (*words, *(f"other {n}" for n in range(wanted - len(words))))

    def _post(self, model: Any) -> Context | None:
        values: dict[str, Any] = {}
        for path, part in self._parts.bools.items():
            values[FIELDS[path][0]] = bool(self._true(model, part))
        for name, number in self._parts.numbers.items():
            if not name.startswith("size("):
                values[FIELDS[name][0]] = _number(model.eval(number, model_completion=True), FIELDS[name][1])
        sized = {name[5:-1] for name in self._parts.numbers if name.startswith("size(")}
        lists = {field for field in sized if FIELDS[field][1] == "list(string)"}
        for field in sorted({*lists, *self._parts.members, *self._parts.items}):
            words = self._parts.members.get(field, {}).items()
            held = ["other" if w == ELSE else w for w, part in words if self._true(model, part)]
            found = [*dict.fromkeys([*held, *self._items(model, field)])]
            values[FIELDS[field][0]] = self._filled(model, field, found)
        for field in self._parts.texts:
            text = self._text(model, field)
            if text is None:
                return None
            values[FIELDS[field][0]] = text
        values.setdefault("length", len(values.get("text", "")))
        values["at"] = model.eval(self._parts.at, model_completion=True).as_long()
        return Context(**values)

    def _text(self, model: Any, field: str) -> str | None:
        known = self._parts.texts[field].values()
        wanted: list[TextAtom] = []
        unwanted: list[TextAtom] = []
        for atom, part in known:
            (wanted if self._true(model, part) else unwanted).append(atom)
        size = self._parts.numbers.get(f"size({field})")
        length = None if size is None else model.eval(size, model_completion=True).as_long()
        return make_text(wanted, unwanted, length)

    def _unlike(self, model: Any) -> Any:
        """Another choice of tests on texts, which is where a model may not be a post."""
        z3 = self._parts.z3
        parts = [part for known in self._parts.texts.values() for _, part in known.values()]
        parts += [
            *self._parts.loose.values(),
            *(part for known in self._parts.items.values() for _, part in known.values()),
            *(n for name, n in self._parts.numbers.items() if name.startswith("size(")),
        ]
        return (
            z3.Or(*(part != model.eval(part, model_completion=True) for part in parts))
            if parts
            else z3.BoolVal(False)
        )

    def _true(self, model: Any, part: Any) -> bool:
        return bool(model.eval(part, model_completion=True).eq(self._yes))


def _of_text(test: Node) -> Rule:
    """A test of a text as a rule, to be asked about alone."""
    return Rule("item", "", "", "", test, "answer", 0, "", 0, 0, "")


def _said_of_texts(z3: Any, known: list[tuple[TextAtom, Any]]) -> list[Any]:
    atoms = [atom for atom, _ in known]
    found = [
        z3.Implies(known[a][1], known[b][1] if held else z3.Not(known[b][1]))
        for a, b, held in relations(atoms)
    ]
    found += [z3.Not(part) for atom, part in known if never(atom)]
    return found + [part for atom, part in known if always(atom)]


def _number(value: Any, type_: str) -> Any:
    if type_ == "int":
        return value.as_long()
    return float(value.numerator_as_long()) / float(value.denominator_as_long())
