"""Accounts that pass themselves off as the brand's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.outbound.logic.confusables import passes_for
from townhall.outbound.logic.imitation import imitates

OWN = ("@harbourtel@social.example", "@harbour_care")


@pytest.mark.parametrize(
    ("handle", "name", "least"),
    [
        ("@harb0urtel", "", 1.0),
        ("@hаrbourtel", "", 1.0),
        ("@harbour_tel", "", 1.0),
        ("@harbourtell", "", 0.9),
        ("@habrourtel", "", 0.9),
        ("@harbourtel_support", "", 0.9),
        ("@harbourtel_refunds", "", 0.9),
        ("@harbourtel2024", "", 0.9),
        ("@nobody77", "Harbour Tel", 0.8),
        ("@harbourSupport", "", 0.8),
        ("@ask_harbour", "", 0.8),
        ("@harbour_care_fan", "", 0.9),
        ("@𝐇𝐚𝐫𝐛𝐨𝐮𝐫𝐓𝐞𝐥", "", 1.0),
        ("@hᎪrbꮻurt𖼰l", "", 1.0),
    ],
)
def test_fakes_are_seen(handle, name, least):
    sure, why = imitates(handle, name, OWN)
    assert sure >= least
    assert "harbour" in why


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("@ann", "Ann"),
        ("@harbourmaster", "Harry"),
        ("@telly", ""),
        ("@harbour", ""),
        ("@harbourside_cafe", ""),
        ("@гавань_тел", ""),
        ("@harbourtel", "Harbourtel"),
        ("@Harbour_Care", ""),
        ("", ""),
    ],
)
def test_others_and_ourselves_are_not(handle, name):
    assert imitates(handle, name, OWN) == (0.0, "")


def test_a_fan_scores_low():
    assert 0 < imitates("@harbourtel_fan", "", OWN)[0] < 0.7


def distance(a, b):
    """Edits with swaps of neighbours, by the whole table."""
    rows = [[i + j if not i * j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            rows[i][j] = min(
                rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abekmnopuvxy", min_size=6, max_size=8), st.text("abekmnopuvxy", min_size=5, max_size=9))
def test_one_letter_away_is_what_the_table_of_edits_says(own, other):
    sure, _ = imitates("@" + other, "", ("@" + own,))
    if other != own and distance(own, other) == 1:
        assert sure >= 0.9
    elif other != own and own not in other:
        assert sure == 0


STRANGE = "ᎪᎬᏴꓢ𖼨"


@given(st.text("abcdeo_1", min_size=3, max_size=10), st.data())
def test_a_strange_letter_stands_for_any_but_not_for_most(bones, data):
    places = data.draw(st.sets(st.integers(0, len(bones) - 1), min_size=1))
    shape = "".join(data.draw(st.sampled_from(STRANGE)) if n in places else c for n, c in enumerate(bones))
    kept = len(bones) - len(places)
    assert passes_for(shape, bones) == (kept >= 3 and kept * 2 >= len(bones))
    assert not passes_for(shape + "a", bones) and not passes_for(bones, bones)
    changed = [n for n in range(len(bones)) if n not in places]
    if changed:
        other = shape[: changed[0]] + "z" + shape[changed[0] + 1 :]
        assert not passes_for(other, bones)
