"""One word however it is written."""

from hypothesis import given
from hypothesis import strategies as st

from townhall.analytics.logic.spelling import RARE, folded, one_edit


def apart(a: str, b: str) -> int:
    """Optimal string alignment, by the table: an oracle."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


words = st.text("abc", min_size=1, max_size=7)


@given(words, words)
def test_one_edit_is_a_distance_of_one(a: str, b: str) -> None:
    assert one_edit(a, b) == one_edit(b, a) == (apart(a, b) == 1)


def test_rare_misspellings_go_home_and_words_of_their_own_stay() -> None:
    posts = {"voicemail": 60, "voicmail": 9, "voicemial": 8, "voicemails": 40, "refund": 30, "refunded": 29}
    posts |= {"charge": 20, "change": 19, "bill": 12, "bull": 1, "mail": 50, "email": 9}
    home = folded(posts)
    assert {word for word, at in home.items() if at == "voicemail"} == {
        "voicemail", "voicmail", "voicemial", "voicemails",
    }  # fmt: skip
    assert home["refunded"] == "refund"
    own = ("charge", "change", "bill", "bull", "mail", "email")
    assert all(home[word] == word for word in own), "as common, too short, or of another first letter"


@given(st.dictionaries(st.text("abes", min_size=1, max_size=7), st.integers(1, 99), max_size=12))
def test_every_word_has_one_home_which_is_its_own_and_commoner(posts: dict[str, int]) -> None:
    home = folded(posts)
    assert home.keys() == posts.keys()
    for word, lead in home.items():
        assert home[lead] == lead and posts[lead] >= posts[word]
        if lead != word and apart(word, lead) == 1 and not (word + "s" == lead or lead + "s" == word):
            longer, shorter = sorted((word, lead), key=len, reverse=True)
            assert longer == shorter + "d" or posts[word] * RARE <= posts[lead]
    assert folded(dict(reversed(posts.items()))) == home
