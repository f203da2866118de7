"""The people of the demo city: made up, the same every time, marked as demo."""

#: The station whose desk a visitor is shown; the officer and the leader among the demo accounts work there.
SHOWN_STATION = "wuxing-yuehe"
