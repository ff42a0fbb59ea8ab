"""Reading through the API."""

from typing import Any


def test_whoami(office: Any) -> None:
    said = office.asks("bo").get("/api/whoami").json
    assert (
        said["roles"] == ["agent"] and said["staff"]["name"] == "Bo" and said["brand"]["slug"] == "api-brook"
    )
    assert "reply" in said["acts"] and "approve" not in said["acts"]
    assert office.asks("wall").get("/api/whoami").json["staff"] is None


def test_status_counts_what_the_brand_has(office: Any) -> None:
    office.case()
    said = office.asks("wall").get("/api/status").json
    for table, name in (("interaction", "interactions"), ("thread", "threads"), ("cases", "cases")):
        assert said[name] == office.one(
            f"SELECT count(*) FROM {table} WHERE brand_id = %s", office.town.brand
        )
    assert set(said["queues"]) == {"pipeline", "search", "journal", "outbound", "doubtful", "approval"}
    assert {one["brand"] for one in said["channels"]} == {"api-brook"}


def test_what_is_deleted_keeps_its_place_and_loses_its_text(office: Any) -> None:
    case = office.case("Forget me")
    post = office.asks("ann").get(f"/api/cases/{case}").json["seen_post"]
    office.owner.execute("INSERT INTO revision (brand_id, interaction_id, replaced_at, text) VALUES (%s, %s, now(), 'Before')",
                         [office.town.brand, post])  # fmt: skip
    shown = office.asks("ann").get(f"/api/interactions/{post}").json
    assert [one["text"] for one in shown["revisions"]] == ["Before"]
    office.owner.execute("UPDATE interaction SET deleted_at = now() WHERE id = %s", [post])
    shown = office.asks("ann").get(f"/api/interactions/{post}").json
    assert shown["text"] == "" and shown["deleted_at"] and shown["revisions"] == []
