"""Pure reckoning with business calendars: the model, its document, open spans, the timetable."""
