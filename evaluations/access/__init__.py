"""What of polls, appraisals and accountability somebody sees: the policy table, applied to rows."""
