"""What an article is, and files of them: what was written comes back, and every other line says why it did not."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.care.logic.article_files import Reject, Taken, Unreadable, articles_of
from townhall.care.logic.entry import Entry, Wrong, entry_of, why_no_address

_words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=60).filter(
    lambda text: text.strip() and "\x85" not in text
)
_bodies = st.text(
    st.characters(
        exclude_categories=("Cs",), exclude_characters="\x00\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    ),
    max_size=200,
)
_rows = st.lists(
    st.tuples(_words, _bodies, st.sampled_from(["", "en", "de-AT", "pt_BR"])), min_size=1, max_size=6
)


def wanted(rows: list[tuple[str, str, str]]) -> list[Entry]:
    return [
        Entry(" ".join(title.split()), f"https://help.example.org/{n}", text.strip(), language[:2])
        for n, (title, text, language) in enumerate(rows)
    ]


@given(_rows, st.sampled_from([",", ";"]), st.booleans())
def test_a_csv_file_gives_what_was_written(rows: list[tuple[str, str, str]], sign: str, marked: bool) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sign)
    writer.writerow(["Language", " title", "TEXT", "url", "more"])
    writer.writerows(
        [language, title, text, f"https://help.example.org/{n}", "x"]
        for n, (title, text, language) in enumerate(rows)
    )
    found = articles_of((b"\xef\xbb\xbf" if marked else b"") + out.getvalue().encode())
    assert [one.entry for one in found if isinstance(one, Taken)] == wanted(rows)  # type: ignore[union-attr]


@given(_rows)
def test_json_lines_give_what_was_written(rows: list[tuple[str, str, str]]) -> None:
    lines = [
        json.dumps(
            {
                "title": title,
                "text": text,
                "language": language or None,
                "url": f"https://help.example.org/{n}",
            }
        )
        for n, (title, text, language) in enumerate(rows)
    ]
    found = articles_of("\n\n".join(lines).encode())
    assert [one.entry for one in found if isinstance(one, Taken)] == wanted(rows)  # type: ignore[union-attr]
    assert [one.line for one in found] == [2 * n + 1 for n in range(len(rows))]  # type: ignore[union-attr]


def test_each_line_that_is_none_says_why() -> None:
    raw = (
        b'title,url,text\nGood,https://help.example.org/a,"two\nlines"\n\nNo address,http://help.example.org/b,\n'
        b",https://help.example.org/c,\nAgain,https://help.example.org/a,\nLast,https://help.example.org/d,x\n"
    )
    assert articles_of(raw) == [
        Taken(2, Entry("Good", "https://help.example.org/a", "two\nlines")),
        Reject(5, "The address begins with https://."),
        Reject(6, "The title has 1 to 200 characters, not 0."),
        Reject(7, "Line 2 has the same address."),
        Taken(8, Entry("Last", "https://help.example.org/d", "x")),
    ]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"), (b" \n", "empty"), (b"title,text\na,b\n", "no column “url”"), (b"\xff\xfe", "Line 1 is not UTF-8"),
        (b"title,url\nx,y\n\xff", "Line 3 is not UTF-8"), (b'title,url\n"' + b"x" * 200_000, "no CSV"),
        (b"title,url\n" + b"x\n" * 20_001, "more than 20,000"), (b"{\n" * 20_001, "more than 20,000"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_says_so(raw: bytes, says: str) -> None:
    found = articles_of(raw)
    assert isinstance(found, Unreadable) and says in found.why


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(raw: bytes) -> None:
    found = articles_of(raw)
    assert isinstance(found, Unreadable) or all(isinstance(one, Taken | Reject) for one in found)
    hostile = articles_of(b"{" + raw)
    assert isinstance(hostile, Unreadable) or all(isinstance(one, Taken | Reject) for one in hostile)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b'{"title": 7, "url": "https://a.example/"}',
        b"{" * 100_000,
        b'{"title": {"a": []}}',
        b'{"a": 1} x',
    ],
)
def test_odd_json_is_refused_by_line(line: bytes) -> None:
    (found,) = articles_of(line)  # type: ignore[misc]
    assert isinstance(found, Reject) and found.line == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://help.example.org/", "javascript:alert(1)", "https://", "https://localhost/x", "https://ann:pass@help.example.org/",
        "https://help.example.org/a b", 'https://help.example.org/"', "https://help.example.org/<b>", "https://[::1/",
        "https://help.example.org:99999999/", "https://help.example.org/" + "a" * 500, "HTTPS://help.example.org/", "https://a.example\\@b/",
        "https://help.example.org/\u202egpj",
    ],
)  # fmt: skip
def test_addresses_that_no_customer_is_sent_to(url: str) -> None:
    assert why_no_address(url)
    assert isinstance(made := entry_of("Title", url, ""), Wrong) and made.field == "url"


def test_bounds() -> None:
    url = "https://help.example.org/a?b=c#d"
    assert entry_of(" A  title\n", url, " text\r\n ", "EN") == Entry("A title", url, "text", "en")
    assert isinstance(entry_of("x" * 201, url, ""), Wrong)
    assert isinstance(entry_of("x", url, "x" * 20_001), Wrong)
    assert isinstance(entry_of("x", url, "x\x00"), Wrong)
    assert isinstance(entry_of("x", url, "", "english"), Wrong)
