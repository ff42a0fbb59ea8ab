"""The response policy. Takes a written document and posts as understood; gives verdicts with reasons.

Takes YAML with CEL conditions, contexts. Gives policies, verdicts, explanations.
Owns the table of policy versions (``store``) and the starter policies (``starter``).
Never changes a verdict that was given: a new version judges what comes after it.
"""
