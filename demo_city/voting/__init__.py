"""The demo city votes: past years with their results, and this year's vote half way through."""
