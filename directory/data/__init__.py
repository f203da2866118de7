"""Reference tables as files: the areas of Huzhou, and an illustrative organisation of its police."""
