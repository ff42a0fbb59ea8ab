"""The outermost room. Takes settings and the command line, gives running processes.

Owns settings, the order of rooms, process roles, and the command ``townhall``; no table.
Never decides anything about a message.
"""
