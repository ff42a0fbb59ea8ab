"""The grammar of conditions: a subset of CEL (Common Expression Language), parsed by LALR.

Source of the language: the CEL language definition. Left out: maps, messages, ``null``, unsigned numbers, bytes,
indexing, macros other than ``exists`` and ``all``; whatever is left out is a syntax error here, never a guess.
"""

from functools import cache

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken
from lark.exceptions import LarkError

from townhall.policy.logic.fault import Fault

LONGEST = 8_000
"""Characters of one condition."""

_GRAMMAR = r"""
?expr: any | any "?" any ":" expr -> choice
?any: every ("||" every)*
?every: relation ("&&" relation)*
?relation: sum | relation RELATION sum -> binary
?sum: product | sum (PLUS | MINUS) product -> binary
?product: unary | product FACTOR unary -> binary
?unary: member | "!" unary -> not_ | MINUS unary -> negative
?member: primary
    | member "." NAME -> select
    | member "." NAME "(" [expr ("," expr)*] ")" -> method
?primary: NAME -> name
    | NAME "(" [expr ("," expr)*] ")" -> function
    | "(" expr ")"
    | "[" [expr ("," expr)* ","?] "]" -> listing
    | FLOAT -> double
    | INT -> int
    | STRING -> string
RELATION: "==" | "!=" | "<=" | ">=" | "<" | ">" | /in(?![A-Za-z0-9_])/
PLUS: "+"
MINUS: "-"
FACTOR: "*" | "/" | "%"
FLOAT.2: /\d+\.\d+([eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+([eE][+-]?\d+)?/
INT: /0[xX][0-9a-fA-F]+|\d+/
STRING: /[rR]?"(?:[^"\\\n]|\\.)*"|[rR]?'(?:[^'\\\n]|\\.)*'/
NAME: /(?!in(?![A-Za-z0-9_]))[A-Za-z_][A-Za-z0-9_]*/
%ignore /\s+/
%ignore /\/\/[^\n]*/
"""

_MEANT = {
    "&": "write && for and",
    "|": "write || for or",
    "=": "write == to compare",
    "'": "the text has no closing quote",
    '"': "the text has no closing quote",
    "{": "maps are not part of conditions",
}


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", start="expr", propagate_positions=True, maybe_placeholders=False)


def parse_expression(source: str) -> Tree[Token]:
    """The syntax tree of a condition. Raises ``Fault`` at the character that does not fit."""
    if len(source) > LONGEST:
        raise Fault(f"a condition has at most {LONGEST:,} characters; split the rule", 0)
    if not source.strip():
        raise Fault("the condition is empty; write true for always", 0)
    try:
        return _parser().parse(source)
    except UnexpectedInput as error:
        ends = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        at = len(source.rstrip()) if ends or error.pos_in_stream is None else error.pos_in_stream
        raise Fault(_unexpected(source, at), at) from error
    except LarkError as error:
        raise Fault(f"not a condition: {error}", 0) from error


def _unexpected(source: str, at: int) -> str:
    if not source[at:].strip():
        return "the condition ends too early; a value or a closing bracket is missing"
    word = source[at : at + 12].split()[0]
    meant = "" if source[at : at + 2] in ("&&", "||", "==") else _MEANT.get(source[at], "")
    return f"{word!r} does not fit here" + (f"; {meant}" if meant else "")
