"""The JSON API, for programs.

Takes: requests with a token (``Authorization: Bearer``). Gives: JSON, or an RFC 9457 problem. Owns: the shapes of
``/api/openapi.json``. Never reads a cookie, and never does what the same roles may not do on a page.
"""
