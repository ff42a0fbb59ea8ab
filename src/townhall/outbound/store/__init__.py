"""All SQL of this room, a module a noun: ``drafts``, ``releases``, ``holds``, ``outbox``, ``deeds``, ``stops``, ``terms``."""
