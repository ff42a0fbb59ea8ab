"""The reference part of ``docs/api.md``, written from the OpenAPI document. ``python -m townhall.web.api.reference PAGE``
writes it anew below the page's mark; what stands above the mark is written by hand.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "<!-- From here on this page is written by townhall.web.api.reference. -->"


def reference(document: dict[str, Any]) -> str:
    """Every operation with its parameters, body and good answers, by subject; then every shape."""
    lines: list[str] = [MARK, ""]
    operations = [
        (verb.upper(), path, one) for path, each in document["paths"].items() for verb, one in each.items()
    ]
    for subject in dict.fromkeys(one["tags"][0] for _, _, one in operations):
        lines += [f"## {subject}", ""]
        for verb, path, one in operations:
            if one["tags"][0] == subject:
                lines += _operation(verb, path, one)
    lines += ["## Shapes", ""]
    for name, shape in sorted(document["components"]["schemas"].items()):
        lines += _shape(name, shape)
    return "\n".join(lines).rstrip() + "\n"


def _operation(verb: str, path: str, one: dict[str, Any]) -> Iterator[str]:
    yield from (f"### `{verb} {path}`", "", " ".join(one.get("description", one["summary"]).split()), "")
    given = [each for each in one["parameters"] if each["in"] != "path" and each["name"] != "Idempotency-Key"]
    if given:
        yield from ("| parameter | takes | |", "|---|---|---|")
        yield from (f"| `{each['name']}` | {_kind(each['schema'])} | {_words(each)} |" for each in given)
        yield ""
    for media, content in one.get("requestBody", {}).get("content", {}).items():
        yield from (f"Body: {_kind(content['schema'])} (`{media}`).", "")
    for status, answer in one["responses"].items():
        if status < "300":
            kinds = [
                f"{_kind(content['schema'])} (`{media}`)"
                for media, content in answer.get("content", {}).items()
            ]
            yield f"Answers {status}: {', '.join(kinds) or 'nothing'}."
    yield ""


def _words(given: dict[str, Any]) -> str:
    usual = given["schema"].get("default")
    said = given.get("description", "")
    return f"{said} Usually {usual}.".strip() if usual not in (None, "") else said


def _shape(name: str, shape: dict[str, Any]) -> Iterator[str]:
    yield from (f"### {name}", "", " ".join(shape.get("description", "").split()), "")
    needed = shape.get("required", [])
    yield from ("| field | is | |", "|---|---|---|")
    for field, of in shape.get("properties", {}).items():
        optional = "" if field in needed else "May be left out. "
        yield f"| `{field}` | {_kind(of)} | {(optional + of.get('description', '')).strip()} |"
    yield ""


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}" if "items" in schema else "list"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    kind: str = schema.get("format", schema.get("type", "any"))
    return "time" if kind == "date-time" else kind


def page(text: str, document: dict[str, Any]) -> str:
    """The whole page, with its reference written anew."""
    return text.partition(MARK)[0] + reference(document)


def _write(target: Path) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "townhall.run.django_settings")
    django.setup()
    from townhall.web.api.site import document

    target.write_text(page(target.read_text(), document()))


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
