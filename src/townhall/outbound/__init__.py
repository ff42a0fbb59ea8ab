"""The one outbound door. Takes what people wrote, gives released texts and what became of them.

Owns drafts, releases and their pictures, holds, approvals, deliveries, deeds, statements, stops, terms and the remarks
people waved away.
The guard (``logic``) judges; ``store`` holds all SQL. Never touches a network: ``flow.delivery`` does,
and only with a decision of this room in its hand.
"""
