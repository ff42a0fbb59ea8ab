"""Server-rendered pages for staff. Each view gathers, shows or calls one verb; deciding is never theirs."""
