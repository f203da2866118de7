"""The addresses of this room below ``/api/v1/``."""

from django.urls import path

from evaluations.api.appraisals import Appraisals, OneAppraisal
from evaluations.api.batches import Batches, OneBatch
from evaluations.api.polls import PooledScores, Scores, Waves

v1 = [
    path("waves/", Waves.as_view(), name="waves"),
    path("scores/", Scores.as_view(), name="scores"),
    path("scores/pooled/", PooledScores.as_view(), name="pooled_scores"),
    path("appraisals/", Appraisals.as_view(), name="appraisals"),
    path("appraisals/<int:pk>/", OneAppraisal.as_view(), name="appraisal"),
    path("batches/", Batches.as_view(), name="batches"),
    path("batches/<slug:sha256>/", OneBatch.as_view(), name="batch"),
]
