"""Figures as they change: one reading a second for each brand that somebody watches, told to all who watch."""
