"""What a try of a brand's own system has shown: four checks, as when a channel is connected."""

from townhall.beside.ask import Answer

Check = dict[str, str]


def checks(answer: Answer, unreadable: str, whole_s: float, accepted: str, readable: str) -> list[Check]:
    """Reached, accepted, readable, in time. ``unreadable`` is why its answer cannot be read ("" when it can), ``accepted``
    and ``readable`` what is said when all is well."""
    spoken, why = answer.state in ("answered", "refused", "large"), answer.why
    taken = answer.state in ("answered", "large")
    return [
        _check("Reached", answer.reached, "Somebody took the call.", "" if answer.reached else why),
        _check("Accepted", taken, accepted, why if answer.state in ("refused", "broken") else ""),
        _check("Readable", answer.state == "answered", readable, unreadable or (why if answer.state == "large" else "")),
        _check("In time", spoken, f"It took {answer.took_ms / 1000:.2f} of {whole_s:g} s.", why if answer.state == "slow" else ""),
    ]  # fmt: skip


def _check(title: str, done: bool, yes: str, wrong: str) -> Check:
    if wrong:
        return {"title": title, "state": "failed", "words": wrong}
    return {"title": title, "state": "done" if done else "waits", "words": yes if done else "Not seen."}
