"""Reading through the API."""

from typing import Any


def test_whoami(office: Any) -> None:
    said = office.asks("bo").get("/api/whoami").json
    assert (
        said["roles"] == ["agent"] and said["staff"]["name"] == "Bo" and said["brand"]["slug"] == "api-brook"
    )
    assert "reply" in said["acts"] and "approve" not in said["acts"]


def test_status_and_lists(office: Any) -> None:
    office.case()
    for path in ("/api/status", "/api/interactions", "/api/threads", "/api/search?q=parcel"):
        came = office.asks("ann").get(path)
        assert came.status == 200, (path, came.body)
        print(path, came.body[:600])
    assert office.asks("").get("/api/status").status == 401
    assert office.asks("").get("/api/openapi.json").status == 200
    assert office.asks("ann").get("/api/nonsense").status == 404
