"""Whether a host could be taken for one of the brand's own."""

from functools import lru_cache

from townhall.outbound.logic.confusables import passes_for, scripts_of, skeleton

_GROUPS = "co com org net gov ac edu ltd plc me gob gouv or ne go"
_SECOND_LEVEL = frozenset(_GROUPS.split())
_SHORTEST = 5
"""Below this many letters one changed letter makes just another word, so only equal skeletons count."""


@lru_cache(maxsize=4096)
def likeness(host: str, domains: tuple[str, ...]) -> tuple[float, str]:
    """How surely ``host`` imitates one of ``domains`` (0 not at all … 1), and why. Own hosts and their children are 0."""
    own = _own(domains)
    if is_own(host, domains):
        return 0.0, ""
    return max((_against(host, domain, name, bones) for domain, name, bones in own), default=(0.0, ""))


def is_own(host: str, domains: tuple[str, ...]) -> bool:
    """Whether the host is one of the brand's domains or below one."""
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def mixed_script(host: str) -> str:
    """The first label that mixes scripts ("" when none does): a name that no language writes."""
    for label in host.split("."):
        scripts = scripts_of(label)
        if len(scripts) > 1 and not scripts <= {"HIRAGANA", "KATAKANA", "CJK", "LATIN", "HANGUL"}:
            return label
    return ""


def one_edit_apart(a: str, b: str) -> bool:
    """One letter inserted, dropped, changed, or two neighbours swapped (Damerau–Levenshtein distance 1)."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    if len(a) != len(b):
        longer, shorter = (a, b) if len(a) > len(b) else (b, a)
        return longer[start + 1 :] == shorter[start:]
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return a[start + 1 :] == b[start + 1 :] or swapped


@lru_cache(maxsize=256)
def _own(domains: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    names = [(domain, _name(domain)) for domain in domains]
    return tuple((domain, name, skeleton(name)) for domain, name in names)


def _name(host: str) -> str:
    """The label that a firm registers: ``acme`` of ``help.acme.co.uk``."""
    labels = host.split(".")
    if len(labels) >= 3 and labels[-2] in _SECOND_LEVEL:
        return labels[-3]
    return labels[-2] if len(labels) >= 2 else host


def _against(host: str, domain: str, name: str, bones: str) -> tuple[float, str]:
    labels = host.split(".")
    seen = _name(host)
    shape = skeleton(seen)
    if (shape == bones and seen != name) or passes_for(shape, bones):
        return 1.0, f"{host} is written to be read as {domain}"
    if len(name) >= _SHORTEST and (one_edit_apart(seen, name) or one_edit_apart(shape, bones)):
        return 1.0, f"{host} is one letter away from {domain}"
    if seen == name:
        return 0.8, f"{host} carries the name of {domain} under another ending"
    if any(bones in skeleton(label).split("-") for label in labels) and len(name) >= _SHORTEST - 1:
        return 0.7, f"{host} carries the name of {domain} and belongs to somebody else"
    return 0.0, ""
