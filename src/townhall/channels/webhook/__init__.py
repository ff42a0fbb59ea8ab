"""Room ``channels``, network ``webhook``: any system that signs what it sends.

Takes Standard Webhooks deliveries with CloudEvents 1.0 bodies, gives activities; answers go to the operator's own
address, signed the same way. Owns nothing. Never trusts an unsigned byte.
"""
