"""Questions about all posts at once, put to a solver: can two rules meet, does one hide another, what is left over.

Every "yes" carries a post that the plain evaluator has confirmed. Every "no" is a proof. Anything else is said to be
undecided, with the parts of the conditions that stand outside what can be decided (``formula``).
"""
