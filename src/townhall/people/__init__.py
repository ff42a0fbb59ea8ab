"""Who works here and who speaks to us. Takes a sign-in or a token, gives an ``Asker`` and the doors.

Owns staff, memberships, tokens, first links, brands, identities and the links between them.
An identity link carries its evidence and can be undone exactly.
Never shows a brand to somebody who is not a member of it.
"""
