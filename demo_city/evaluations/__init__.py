"""The demo city's polls: made up, the same every time, marked as demo."""
