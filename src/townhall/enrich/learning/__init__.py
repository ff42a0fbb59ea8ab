"""Learning from an operator's own labelled posts, with numpy and scipy alone.

Takes: texts and labels. Gives: a model that says how sure it is, and figures on rows it has not seen.
Owns: nothing. Never: a pickle, the network, a row of the test in the fit.
"""

from townhall.enrich.learning.machine import Machine, fit
from townhall.enrich.learning.trial import Trial, cross_validate

__all__ = ["Machine", "Trial", "cross_validate", "fit"]
