"""How many pictures go with one text, for whoever adds one and for the guard alike. Pure."""


def overfull(pictures: int, most: int) -> str:
    """Why so many pictures do not go where ``most`` do (0: none), in a sentence; "" when they fit."""
    if pictures <= most:
        return ""
    if not most:
        return "This channel carries no pictures."
    return f"This channel carries at most {most} picture{'' if most == 1 else 's'}."
