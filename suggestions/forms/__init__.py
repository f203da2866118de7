"""What a browser sends, checked by the field; every message says what to do."""
