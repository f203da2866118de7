"""The guards of the polls and of what follows from them, in words: what a person reads when one refuses."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from core.refusals import told_as
from evaluations.errors import CaseMovedOn

told_as({"finding_opened_once": partial(CaseMovedOn, _("Somebody has opened an inquiry on this already."))})
