"""The API against its own document: made-up requests, good and bad, with every check that schemathesis has."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

CONFIG = {
    "checks": {
        # a well-formed request can still be refused for what it asks: a case that is closed cannot be put aside
        "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "403", "409", "422", "429"]},
        # a document that is too long can also be too large
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]
        },
    },
    "generation": {"mode": "all", "deterministic": True},
}
BOUNDED = settings(
    max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)  # fmt: skip


@schemathesis.serializer("application/x-ndjson")
def lines(ctx: Any, value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@pytest.fixture(scope="module")
def published(office: Any) -> Iterator[Any]:
    from django.core.wsgi import get_wsgi_application

    yield schemathesis.openapi.from_wsgi(
        "/api/openapi.json", get_wsgi_application(), config=SchemathesisConfig.from_dict(CONFIG),
        headers={"Host": "localhost"},
    )  # fmt: skip
    # made-up requests stop outbound too, and everybody's with it
    office.owner.execute(
        "UPDATE outbound_stop SET resumed_at = now(), resumed_by = 'test' WHERE resumed_at IS NULL"
    )


@pytest.fixture(scope="module")
def real(office: Any) -> dict[str, Any]:
    """Ids that exist, so that requests get past the first 404."""
    case = office.case("For machines")
    ann = office.asks("ann")
    whole = ann.get(f"/api/cases/{case}").json
    change = ann.post(f"/api/cases/{case}/notes", {"text": "For machines"}).json["change"]
    said = {"kind": "public", "text": "Call +44 20 7946 0991"}
    release = office.asks("bo").post(f"/api/cases/{case}/replies", said).json["release_id"]
    stop = ann.post("/api/stops", {"scope": "channel", "target": f"m{case}", "cause": "machines"}).json[
        "stop_id"
    ]
    drafted = ann.post("/api/policy/versions", {"source": "id: machines"}).json["number"]
    return {
        "number": drafted, "case_id": case, "thread_id": int(whole["thread_id"]), "interaction_id": int(whole["seen_post"]),
        "release_id": int(release), "change_id": int(change), "stop_id": int(stop), "name": "waiting",
        "table": "queues",
    }  # fmt: skip


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
def test_requests_made_up_from_the_document(
    mode: GenerationMode, published: Any, office: Any, real: dict[str, Any]
) -> None:
    asked: Counter[int] = Counter()
    for operation in (found.ok() for found in published.get_all_operations()):
        if mode is GenerationMode.NEGATIVE and "import_activities" in operation.definition.raw["operationId"]:
            continue  # lines are judged one by one, and the bad ones are named in a good answer
        _ask(operation, mode, office, real, asked)
    assert asked.total() > 150 and not [status for status in asked if status >= 500]
    assert {200, 201, 404} <= set(asked) if mode is GenerationMode.POSITIVE else asked[422] > 50


def _ask(
    operation: Any, mode: GenerationMode, office: Any, real: dict[str, Any], asked: Counter[int]
) -> None:
    roles = frozenset(["admin", "agent", "lead", "compliance"])
    headers = {"Authorization": f"Bearer {office.token(office.town, roles, office.ann)}", "Host": "localhost"}

    @given(case=operation.as_strategy(generation_mode=mode), lives=booleans())
    @BOUNDED
    def ask(case: Any, lives: bool) -> None:
        if lives and mode is GenerationMode.POSITIVE:
            case.path_parameters |= {name: real[name] for name in case.path_parameters if name in real}
        asked[case.call_and_validate(headers=headers).status_code] += 1

    try:
        ask()
    except Unsatisfiable:  # nothing about this operation can be wrong
        assert mode is GenerationMode.NEGATIVE
