"""The doors people and programs come in by. Takes requests, gives pages, JSON, live figures and answers to hooks.

``pages`` is server-rendered, ``live`` streams figures, ``hooks`` takes deliveries, ``api`` speaks JSON.
Owns no table. Never decides: a page asks ``desk``, an act calls ``flow``.
"""
