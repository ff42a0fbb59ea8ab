"""Care. Takes routed posts and people's acts, gives cases, notes and notices: what we promised to whom.

Owns threads and their joins, cases and their changes, incidents, clock events, notes, macros, saved filters, who looks at what,
and notices with their ways out. Every act on a case is kept with what stood before, so that it can be undone exactly.
Never sends anything to a customer.
"""
