"""The year's ten: an edition, its candidates with the voices behind them, and the projects they became."""

from annual_projects.models.candidate import Candidate, CandidateVoice, Evidence, Nomination, Topic
from annual_projects.models.edition import Edition
from annual_projects.models.project import (
    BeneficiaryCount,
    Measure,
    Milestone,
    MilestoneReminder,
    ProgressPhoto,
    ProgressReport,
    Project,
    ProjectRating,
    Telling,
)

__all__ = [
    "BeneficiaryCount",
    "Candidate",
    "CandidateVoice",
    "Edition",
    "Evidence",
    "Measure",
    "Milestone",
    "MilestoneReminder",
    "Nomination",
    "ProgressPhoto",
    "ProgressReport",
    "Project",
    "ProjectRating",
    "Telling",
    "Topic",
]
