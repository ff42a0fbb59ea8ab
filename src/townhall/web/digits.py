"""Whole numbers as forms and links send them."""

_LARGEST = (1 << 63) - 1


def whole(raw: str) -> int | None:
    """A whole number from 0 to the largest that the database keeps (2⁶³-1), in plain digits; ``None`` for anything else."""
    if not (raw.isascii() and raw.isdigit() and len(raw) < 20):
        return None
    number = int(raw)
    return number if number <= _LARGEST else None
