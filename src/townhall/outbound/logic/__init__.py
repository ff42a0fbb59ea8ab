"""Decisions about what may go out. Pure: values in, frozen values out.

``words`` holds the nouns, ``guard`` judges a text, ``links`` and ``lookalike`` know hosts, ``seal`` binds an approval
to exact words, ``changed`` says what is new since somebody looked, ``journey`` is a delivery's way.
"""
