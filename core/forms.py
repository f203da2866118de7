"""How every form in the house is drawn: one renderer, one field template, one error list."""

from django.forms.renderers import TemplatesSetting


class PlazaFormRenderer(TemplatesSetting):
    """Draws forms and fields from ``templates/django/forms/``."""

    form_template_name = "django/forms/form.html"
    field_template_name = "django/forms/field.html"
