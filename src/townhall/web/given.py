"""What a form of ours gives, read."""

from django.http import HttpRequest

from townhall.kernel.digits import whole
from townhall.kernel.errors import Refused


def given_number(request: HttpRequest, name: str, usual: str = "") -> int:
    """A whole number of a form; ``usual`` where it names none. Raises ``Refused``."""
    found = whole(request.POST.get(name, usual))
    if found is None:
        raise Refused("The page sent something that is no number. Open it again. Nothing was changed.")
    return found
