"""How long words may be that become steps of a case; whatever fills a column has the limit of that column."""

REASON = 500  # of staff and of citizens
NOTE = 2000
ADDED = 2000
