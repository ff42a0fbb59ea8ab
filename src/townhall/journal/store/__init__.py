"""All SQL of the journal: ``written`` for those who append, ``order`` for numbering, ``stored`` for reading back."""
