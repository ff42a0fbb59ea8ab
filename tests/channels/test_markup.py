"""HTML of a post to text: what a reader sees, held to the standard library's own parser on well-formed input."""

import time
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.channels.markup import to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br/>three</p>", "One\n\nTwo\nthree"),
        ("a\n  b", "a b"),
        ("5 < 6 &gt; 4", "5 < 6 > 4"),
        ("<ul><li>x</li><li>y</li></ul>", "- x\n- y"),
        ('<a href="https://e.example/">e.example</a>', "e.example"),
        ('<a href="https://e.example/a">click</a>', "click (https://e.example/a)"),
        ('<a class="mention hashtag" href="https://e.example/tags/x">#x</a>', "#x"),
        ('<img alt="smile" src="x">!', "smile!"),
        ('<b title="a > b">bold</b>', "bold"),
        ("<!-- hidden -->seen<style>p{}</style>", "seen"),
        ("<unclosed", ""),
        ("&#x1F600;", "😀"),
    ],
)
def test_what_a_reader_sees(html: str, text: str) -> None:
    assert to_text(html) == text


class Oracle(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def handle_data(self, data: str) -> None:
        self.words += data


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
TAGS = st.sampled_from(["b", "i", "span", "em", "strong"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TAGS, WORDS, WORDS), max_size=8))
def test_words_are_those_of_the_standard_parser(parts: list[tuple[str, str, str]]) -> None:
    html = "".join(f'<{tag} title="{escape(title)}">{escape(words)}</{tag}>' for tag, words, title in parts)
    oracle = Oracle()
    oracle.feed(html)
    oracle.close()
    assert "".join(to_text(html).split()) == "".join(oracle.words.split())


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from(list("<>/\"'=!-a &;p")), max_size=60))
def test_it_takes_anything(html: str) -> None:
    assert isinstance(to_text(html), str)


@pytest.mark.parametrize(
    "piece", ["<a ", '<a href="', "<!--", "</a>", "<a href='https://x'>", "&#", "<p", "<script>", '="']
)
def test_hostile_markup_is_read_in_linear_time(piece: str) -> None:
    def cost(size: int) -> float:
        start = time.process_time()
        to_text(piece * (size // len(piece)))
        return time.process_time() - start

    cost(10_000)
    small, large = min(cost(50_000) for _ in range(3)), cost(400_000)
    assert large < max(small, 0.004) * 8 * 4  # a quadratic reader would take 64 times as long
