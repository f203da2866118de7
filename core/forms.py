"""How every form in the house is drawn: one renderer, one field template, one error list."""

from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

# Django's own sentences that our catalogue says more kindly
REWORDED = (
    _("This field is required."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("The submitted file is empty."),
)


class PlazaFormRenderer(TemplatesSetting):
    """Draws forms and fields from ``templates/django/forms/``."""

    form_template_name = "django/forms/form.html"
    field_template_name = "django/forms/field.html"
