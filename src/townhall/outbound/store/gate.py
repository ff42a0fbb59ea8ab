"""Which waiting rows may go now and which are late: one rule for replies (``delivery``) and acts (``deed``), each as ``d``.

Conditions of SQL; they want ``%(now)s``, and ``MAY_GO`` also ``%(accounts)s``, those that may send now.
"""

UNDER_STOP = """
EXISTS (SELECT 1 FROM outbound_stop s
    WHERE (s.scope = 'everything' OR s.brand_id = d.brand_id AND (s.scope = 'brand'
            OR s.scope = 'channel' AND s.target = d.channel OR s.scope = 'account' AND s.target = d.account_id::text))
        AND (s.resumed_at IS NULL OR s.resumed_at > d.not_before))
"""
"""A stop that stands, or that stood when the row was due."""
LATE = f"d.state = 'waiting' AND d.not_before <= %(now)s AND (d.go_by < %(now)s OR {UNDER_STOP})"
"""Its time passed, or it was due under a stop: it goes no more by itself."""
MAY_GO = f"""
d.state = 'waiting' AND d.not_before <= %(now)s AND d.go_by >= %(now)s AND d.account_id = ANY(%(accounts)s)
AND NOT {UNDER_STOP}
AND NOT EXISTS (SELECT 1 FROM account_pace p WHERE p.account_id = d.account_id AND p.resume_at > %(now)s)
"""
"""It is due and not late, nothing stops it, and its network has not asked its account to pause."""
