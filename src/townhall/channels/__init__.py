"""Room ``channels``: one folder for each network.

Takes what networks send, gives activities; takes released texts, gives receipts.
Owns no table: cursors and tokens are kept by who calls. Never sends anything without a decision's id.
"""

from townhall.channels.registry import CHANNELS

__all__ = ["CHANNELS"]
