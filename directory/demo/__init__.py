"""The people of the demo city: made up, the same every time, marked as demo."""
