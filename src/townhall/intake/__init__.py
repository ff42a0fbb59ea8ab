"""Intake. Takes raw deliveries from any channel, gives them to the pipeline in sealed blocks, once each.

Owns accounts and their health, delivery blocks, the ledger of posts, rejects and import runs.
Never judges, never drops: what cannot be read is kept with its reason.
"""
