"""The one family of errors.

::

    TownhallError                      500   exit 1
    ├── Refused                        422   exit 2   the input is wrong; says what to do
    │   ├── BadSetting                 500   exit 2   names the setting
    │   ├── NotSigned                  401   exit 2   a delivery or request without valid proof
    │   ├── TooLarge                   413   exit 2
    │   └── OutOfWindow                400   exit 2   too old or from the future
    ├── NotFound                       404   exit 4
    ├── Forbidden                      403   exit 5
    ├── Conflict                       409   exit 6   somebody changed it first; carries what is new
    ├── Unavailable                    503   exit 7   an outside part failed; ``permanent`` says whether to retry
    │   ├── DatabaseUnavailable        503   exit 7
    │   └── ChannelUnavailable         503   exit 7
    └── Broken                         500   exit 3   the record does not prove itself

A message to a person says what happened, what was kept, and what to do.
"""


class TownhallError(Exception):
    """The root: every error of ours is one."""

    status = 500
    exit_code = 1


class Refused(TownhallError):
    """The input is wrong; the message says what to do."""

    status = 422
    exit_code = 2


class BadSetting(Refused):
    """A setting is wrong; the message names it."""

    status = 500


class NotSigned(Refused):
    """A delivery or request without valid proof of who sent it."""

    status = 401


class TooLarge(Refused):
    """More than a bound allows; the message names the bound."""

    status = 413


class OutOfWindow(Refused):
    """A signed time that is too old or in the future."""

    status = 400


class NotFound(TownhallError):
    """There is no such thing, or the person who asks may not know of it."""

    status = 404
    exit_code = 4


class Forbidden(TownhallError):
    """The person who asks may not do this."""

    status = 403
    exit_code = 5


class Conflict(TownhallError):
    """Somebody changed it first."""

    status = 409
    exit_code = 6


class Unavailable(TownhallError):
    """An outside part failed. ``permanent`` says that trying again will not help; ``retry_at`` (instant) when to."""

    status = 503
    exit_code = 7

    def __init__(self, message: str, *, permanent: bool = False, retry_at: int = 0) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_at = retry_at


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached or started."""


class ChannelUnavailable(Unavailable):
    """The network did not take or give something. ``ambiguous`` says that it may have taken it all the same;
    ``cost_micro_usd`` is what it took for reading before that, in millionths of a US dollar."""

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_at: int = 0,
        ambiguous: bool = False,
        cost_micro_usd: int = 0,
    ) -> None:
        super().__init__(message, permanent=permanent, retry_at=retry_at)
        self.ambiguous = ambiguous
        self.cost_micro_usd = cost_micro_usd


class Broken(TownhallError):
    """The record does not prove itself; the message names the first broken fact."""

    exit_code = 3
