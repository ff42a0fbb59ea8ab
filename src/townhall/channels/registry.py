"""Every network that this house speaks, by kind.

Clients are made behind a function so that whoever only parses does not load HTTP (0.2 s).
"""

from townhall.channels.activitystreams.card import CARD as ACTIVITYSTREAMS
from townhall.channels.activitystreams.parse import parse as parse_activitystreams
from townhall.channels.mastodon.around import items as mastodon_around
from townhall.channels.mastodon.card import CARD as MASTODON
from townhall.channels.mastodon.compose import length as mastodon_length
from townhall.channels.mastodon.parse import parse as parse_mastodon
from townhall.channels.port import AccountSettings, ChannelClient, ChannelModule
from townhall.channels.webhook.card import CARD as WEBHOOK
from townhall.channels.webhook.parse import parse as parse_webhook
from townhall.channels.x.card import CARD as X
from townhall.channels.x.compose import length as x_length
from townhall.channels.x.parse import parse as parse_x
from townhall.kernel.clock import Clock


def _file_client(settings: AccountSettings, clock: Clock) -> ChannelClient:
    from townhall.channels.activitystreams.client import FileClient

    return FileClient(settings, clock)


def _webhook_client(settings: AccountSettings, clock: Clock) -> ChannelClient:
    from townhall.channels.webhook.client import WebhookClient

    return WebhookClient(settings, clock)


def _mastodon_client(settings: AccountSettings, clock: Clock) -> ChannelClient:
    from townhall.channels.mastodon.client import MastodonClient

    return MastodonClient(settings, clock)


def _x_client(settings: AccountSettings, clock: Clock) -> ChannelClient:
    from townhall.channels.x.client import XClient

    return XClient(settings, clock)


CHANNELS: dict[str, ChannelModule] = {
    "activitystreams": ChannelModule(ACTIVITYSTREAMS, parse_activitystreams, len, _file_client),
    "webhook": ChannelModule(WEBHOOK, parse_webhook, len, _webhook_client),
    "mastodon": ChannelModule(MASTODON, parse_mastodon, mastodon_length, _mastodon_client, mastodon_around),
    "x": ChannelModule(X, parse_x, x_length, _x_client),
}
