"""Search terms of many texts at once: tokens are cut for the whole batch, and each distinct one is hashed once."""

from collections.abc import Sequence

from townhall.enrich.logic.tokens import END, is_searchable, terms_of_token, tokens_of


def terms_of(texts: Sequence[str]) -> set[int]:
    """Every term that any of the texts holds: the union of ``enrich.search_terms`` of each."""
    return {term for token in set(tokens_of(texts)) if _counts(token) for term in terms_of_token(token)}


def holding(texts: Sequence[str], wanted: frozenset[int]) -> list[bool]:
    """Which of the texts hold every one of these terms."""
    tokens = tokens_of(texts)
    useful = {token: wanted.intersection(terms_of_token(token)) for token in set(tokens) if _counts(token)}
    answers: list[bool] = []
    held: set[int] = set()
    for token in tokens:
        if token == END:
            answers.append(held == wanted)
            held = set()
        elif found := useful.get(token):
            held |= found
    return answers


def _counts(token: str) -> bool:
    return token != END and is_searchable(token)
