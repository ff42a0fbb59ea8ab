"""A translation service on loopback that speaks LibreTranslate's interface as it publishes it, and is strict about it."""

import json
import threading

from tests.beside.stand_in import Asked, StandIn, http

LANGUAGES = [
    {"code": "de", "name": "German", "targets": ["de", "en"]},
    {"code": "en", "name": "English", "targets": ["de", "en", "zh-Hans"]},
    {"code": "zh-Hans", "name": "Chinese", "targets": ["en"]},
]
KEY = "a key of ours"
GERMAN = ("ist", "und", "mein", "wo", "der", "die", "das")


def answers(key: str = ""):  # type: ignore[no-untyped-def]
    """A reply for a ``StandIn``; ``key`` is the one it wants ("" for none)."""

    def reply(asked: Asked, over: threading.Event) -> bytes:
        if (asked.method, asked.path) == ("GET", "/languages"):
            return http(200, LANGUAGES)
        if (asked.method, asked.path) != ("POST", "/translate"):
            return http(404, {"error": "Not Found"})
        if asked.headers.get("content-type") != "application/json":
            return http(400, {"error": "Invalid request: not JSON"})
        return translate(json.loads(asked.body), key)

    return reply


def translate(given: dict[str, str], key: str) -> bytes:
    """The answer to one wish, checked as the service checks it."""
    for name in ("q", "source", "target"):
        if not given.get(name):
            return http(400, {"error": f"Invalid request: missing {name} parameter"})
    if set(given) - {"q", "source", "target", "format", "api_key"} or given.get("format") not in (
        "text",
        "html",
    ):
        return http(400, {"error": "format is not supported"})
    if given.get("api_key", "") != key:
        return http(403, {"error": "Please contact the server operator to get an API key"})
    source = given["source"]
    if source == "auto":
        source = "de" if any(word in given["q"].lower().split() for word in GERMAN) else "en"
    known = next((one for one in LANGUAGES if one["code"] == source), None)
    if known is None or given["target"] not in known["targets"]:
        return http(400, {"error": f"{given['target']} is not available as a target language from {source}"})
    answer: dict[str, object] = {"translatedText": f"[{source}>{given['target']}] {given['q']}"}
    if given["source"] == "auto":
        answer["detectedLanguage"] = {"confidence": 83.0, "language": source}
    return http(200, answer)


def wishes(service: StandIn) -> list[dict[str, str]]:
    """What it was asked to translate so far."""
    return [json.loads(one.body) for one in service.asked if one.path == "/translate"]
