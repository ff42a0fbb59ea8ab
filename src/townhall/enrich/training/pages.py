"""The page of each model, written from its card: ``python -m townhall.enrich.training.pages DOCS``.

What a card cannot know, where the model fails and what it must not be used for, is written here by hand.
"""

import json
import sys
from pathlib import Path
from typing import Any

from townhall.enrich.logic.feeling import SURE
from townhall.enrich.logic.heads import EITHER_SURE
from townhall.enrich.weights import HEADS, SHIPPED

_ABOUT = {
    "sentiment": (
        "How a post feels: negative, neutral or positive.",
        "Irony is read literally (“great, another delay” is caught only where a phrase of ours says so). Outside the eight "
        "languages of the training tweets it knows emoji and little else. Half of its training rows are made-up English care "
        "posts and questions of bank customers, called negative where their need tells of a fault, that lean to the negative, as care traffic does; on small talk in eight languages it is therefore a little too sure.",
    ),
    "question": (
        "Whether a post asks something, with or without a question mark.",
        "Trained on English; in other languages it leans on the question mark. A rhetorical question counts as one. "
        "The labels are weak: a question mark in support chat, removed from half of the rows so that the words must tell.",
    ),
    "complaint": (
        "How likely it is that a post complains and wants an answer.",
        "No labelled complaints were free to train on: it learns from cross against other posts and from bank customers' faults against their other questions, so a neutral report of another fault "
        "may score low. Two people agree on 0.858 of the posts it is measured on.",
    ),
    "intent": (
        "Which of fifteen needs a post has, or “unsure” below the floor.",
        "Trained on English utterances of banking, shopping and assistants, and on phrases of ours. The measured rows are of the "
        "same kind as the trained ones; real posts are longer and vaguer, so expect less. A complaint or praise is named when "
        "the need is otherwise “other” or “unsure” and the complaint or sentiment model is sure. The need stands for the reason too; "
        "there is no model of reasons, for they are each trade’s own. Of 4,546 complaints to airlines with one of ten reasons (`airline_reason`) it "
        "tells one of 13 in 100, and of those one in four right: 0.03 in all. Teach reasons by [labelled posts](../analyst.md).",
    ),
    "language": (
        "Hindi in Latin letters, which the general detector (eldc) never names. It overrules the detector at 0.9, or at 0.3 when "
        "the network itself hints Hindi.",
        "Indonesian is unknown to the detector and may be called Malay or Hindi. A model of all eight languages trained on the same "
        "tweets reached 0.935 where the detector alone has 0.860 and both together 0.920, but named every other language one of its "
        "eight, so the detector decides and this model only adds. Texts under ten letters get no language, save in scripts of their own.",
    ),
    "spam": (
        "How likely a post, comment or message is advertising or fraud by strangers, from 0.7 with the words that spoke most for it.",
        "It has seen text messages of the 2000s and sentences of ours; of comments under videos it finds six in ten and is right in "
        "95 of 100. Measured on text messages it has not seen: a fifth of the set, chosen by a hash of the text. It knows English.",
    ),
    "topics": (
        "How rare each word is; a post's topics are its five rarest known or hashed words.",
        "It knows words, not meanings: “parcel” and “package” are two topics. Names of people in a text can become topics. "
        "Measured by pairs of utterances: how many of one intent share a topic word (within), and how many of two (across). More than half of "
        "the pairs that mean the same share none; of bank customers’ questions, where intents lie close together, it is 88 in 100.",
    ),
}

_FLOORS = {
    "sentiment": f"under {SURE} people are told “unsure”; `post.sentiment` is the likeliest all the same, beside `post.sentiment_p`",
    "question": f"from {EITHER_SURE} a question, to {1 - EITHER_SURE} none; between, people are told “unsure”. `post.question` is said from 0.5, beside `post.question_p`",
    "complaint": f"from {EITHER_SURE} a complaint, to {1 - EITHER_SURE} none; between, people are told “unsure”. `post.complaint_p` is the chance, and from 0.6 a post without another need is a complaint",
    "language": "0.9, or 0.3 when the network hints Hindi",
    "spam": "from 0.7 a post is marked, to 0.5 it is called no spam; between, people are told “unsure”",
}


_TOLD = (
    "precision", "recall", "f1", "macro_f1", "sure", "accuracy_where_sure", "detector_alone", "within", "across", "chance",
    "with_topic",
)  # fmt: skip


def page(name: str, card: dict[str, Any]) -> str:
    """The Markdown page of one model."""
    what, limits = _ABOUT[name]
    lines = [f"# Model: {name}", "", what, "", "## How it was made", ""]
    lines += [
        f"- Kind: {card['kind']}",
        f"- Rows: {card['rows']:,}" + (f" ({card['recipe']})" if "recipe" in card else ""),
    ]
    if "rows_by_class" in card:
        lines.append(
            "- By class: " + ", ".join(f"{label} {count:,}" for label, count in card["rows_by_class"].items())
        )
        lines.append(f"- Calibration: {card['calibration']}")
        floor = f"under {card['floor']} it says “unsure”" if card["floor"] else _FLOORS[name]
        lines.append(f"- Floor: {floor}")
    lines += [f"- Sets: {', '.join(f'{one} ({licence})' for one, licence in card['sets'].items())}"]
    lines += [
        "- Made by `python -m townhall.enrich.training`; the same sets and library versions give the same file"
    ]
    lines += [f"- File: `{name}.npz`, {card['bytes']:,} bytes, SHA-256 `{card['sha256']}`", ""]
    lines += [*_figures(card), "## Limits", "", limits, ""]
    return "\n".join(lines)


def _figures(card: dict[str, Any]) -> list[str]:
    if "figures" not in card:
        return []
    lines = [
        "## Figures",
        "",
        "On the open halves of public sets, by `python -m townhall.enrich.measure`.",
        "",
    ]
    lines += ["| task | rows | measure | value | calibration error |", "|---|---:|---|---:|---:|"]
    for task, found in card["figures"].items():
        error = "–" if found["calibration_error"] < 0 else found["calibration_error"]
        lines.append(f"| {task} | {found['rows']:,} | {found['metric']} | {found['shipped']} | {error} |")
        for extra in _TOLD:
            if extra in found and extra != found["metric"]:
                lines.append(f"| | | {extra.replace('_', ' ')} | {found[extra]} | |")
    return [*lines, ""]


def write_pages(docs: Path, folder: Path = SHIPPED) -> None:
    """Write ``<docs>/<name>.md`` for every model of the folder."""
    docs.mkdir(parents=True, exist_ok=True)
    for name in (*HEADS, "topics"):
        card = json.loads((folder / f"{name}.json").read_text("utf-8"))
        (docs / f"{name}.md").write_text(page(name, card), "utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/models"))
