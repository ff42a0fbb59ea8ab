"""What is wrong with a condition, and where in it."""


class Fault(Exception):
    """A condition that cannot be used. ``at`` is the offset of the fault in the condition's text.

    Internal to the room: whoever knows where the condition stands in its document makes a ``Refused`` of it.
    """

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class NoValue(ArithmeticError):
    """A condition has no value for this post: division by zero, or a whole number past 64 bits."""
