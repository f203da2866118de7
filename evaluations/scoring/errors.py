"""What can be wrong with the numbers themselves; each names the part that is wrong."""


class ScoringError(ValueError):
    """The figures do not allow this to be worked out."""


class MarginsDisagree(ScoringError):
    """Two margins add up to different populations."""


class EmptyCategory(ScoringError):
    """A category that the population has, and nobody among the respondents."""


class DidNotConverge(ScoringError):
    """The weights do not settle: a margin is still off after the last round."""
