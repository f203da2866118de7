"""What a browser sends to vote, to check a receipt, and to count paper."""
