from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlazaConfig(AppConfig):
    name = "plaza"
    verbose_name = _("Plaza days")
