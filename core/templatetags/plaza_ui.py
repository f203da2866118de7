"""Components with slots: ``{% card %}…{% endcard %}``, ``{% thread nodes %}``, ``{{ case.due_at|day }}``.

Builtin in every template (no ``{% load %}``). Each tag draws ``templates/components/<name>.html``. Unknown
keyword arguments become HTML attributes, ``_`` turning into ``-``: ``data_x="1"`` is ``data-x="1"``.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import segno
from django import template
from django.forms import BaseForm, BoundField
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from core import day_words
from core.charts import Chart
from core.figures import Tile
from core.icons import STATE_LOOKS, THREAD_ICONS, Look

register = template.Library()
register.filter("day", day_words.day)
register.filter("daytime", day_words.daytime)
register.filter("ago", day_words.ago)


def _draw(component: str, /, **context: Any) -> SafeString:
    return render_to_string(f"components/{component}.html", context)


def _attributes(attrs: Mapping[str, Any]) -> SafeString:
    named = {key.replace("_", "-"): value for key, value in attrs.items() if value not in (None, "")}
    return flatatt(named)


@register.filter
def lookup(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value of a key, or an empty string."""
    return (mapping or {}).get(key, "")


@register.filter
def local_names(things: Iterable[Any]) -> str:
    """The names of areas, places or units in the language of the page, in one line."""
    return gettext(", ").join(thing.local_name for thing in things)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with some parameters changed (None removes one): ``?unit=3&state=open``."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in (None, ""):
            parameters[name] = value
    return f"?{parameters.urlencode()}"


# --- small things --------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One icon of the sprite; silent to screen readers unless it has a label."""
    return _draw("icon", name=name, label=label)


@register.simple_block_tag
def button(content: str, kind: str = "primary", icon: str = "", **attrs: Any) -> SafeString:
    """A button; kind: primary, secondary, quiet, own, danger. The words say what happens."""
    return _draw("button", content=content, kind=kind, icon=icon, attrs=_attributes({"type": "submit", **attrs}))


@register.simple_block_tag
def link_button(content: str, href: str, kind: str = "secondary", icon: str = "", **attrs: Any) -> SafeString:
    """A link that looks like a button; the same kinds."""
    return _draw("link_button", content=content, kind=kind, icon=icon, attrs=_attributes({"href": href, **attrs}))


@register.simple_tag
def badge(label: str, tone: str = "plain", icon: str = "") -> SafeString:
    """A word with a colour and an icon; tone: plain, lake, solid, own, amber, red."""
    return _draw("badge", label=label, tone=tone, icon=icon)


@register.simple_tag
def state(thing: Any, label: str = "") -> SafeString:
    """The badge of a state: of an object with ``.state``, a choices member, or a value with a label."""
    value = getattr(thing, "state", thing)
    if not label:
        label = thing.get_state_display() if hasattr(thing, "get_state_display") else getattr(value, "label", value)
    look = STATE_LOOKS.get(str(value), Look("plain", "dot"))
    return _draw("badge", label=label, tone=look.tone, icon=look.icon)


@register.simple_tag
def deadline(
    due: date | datetime | None,
    what: day_words.What = "reply",
    audience: str = "citizen",
    done_at: date | datetime | None = None,
    paused: bool = False,
) -> SafeString:
    """A promise with its date: "最迟 12月3日(周四)答复您", amber when near, red when over, calm when kept."""
    if done_at is not None:
        return _draw("deadline", promise=day_words.kept(due, done_at))
    if due is None or paused:
        return _draw("deadline", promise=day_words.Promise("paused", "", "")) if paused else SafeString("")
    promise = day_words.promise(due, what=what, for_desk=audience == "desk")
    return _draw("deadline", promise=promise, due=due)


@register.simple_tag
def figure(value: Any, label: str, **details: Any) -> SafeString:
    """A number with what it is: n, of (share of what), note, date, low and high (interval), href, own."""
    return _draw("figure", value=value, label=label, **details)


@register.simple_tag
def figures(tiles: Sequence[Tile], date: Any = None) -> SafeString:
    """``core.figures.Tile``s side by side; ``date`` is that of tiles without a day. Nothing where there are none."""
    return _draw("figures", tiles=tiles, date=date)


@register.simple_tag
def share_bar(part: float, whole: float = 1, label: str = "", tone: str = "lake") -> SafeString:
    """A thin bar for part of a whole; the words beside it carry the meaning."""
    percent = round(max(0.0, min(1.0, float(part) / float(whole))) * 100, 1) if whole else 0
    return _draw("share_bar", percent=percent, label=label, tone=tone)


@register.simple_tag
def chart_assets() -> SafeString:
    """What a page with charts needs, in its ``{% block head %}``; a page without one does not load it."""
    return _draw("chart_assets")


@register.simple_tag
def chart(figures: Chart, name: str = "chart", level: int = 3) -> SafeString:
    """A ``core.charts.Chart``: picture, summary, table, and both to save as ``name``.csv and .png."""
    id = f"chart-{secrets.token_hex(3)}"
    n = f"{figures.n:,}" if isinstance(figures.n, int) else figures.n
    options = {"id": id, "data_id": f"{id}-data", "name": name, "level": level, "n": n}
    return _draw("chart", chart=figures, payload=figures.payload(), **options)


@register.simple_tag
def kbd(keys: str) -> SafeString:
    """Keys to press, space between them: ``{% kbd "Shift X" %}``."""
    return _draw("kbd", keys=keys.split())


@register.simple_tag
def qr(text: str, label: str = "", size: str = "m") -> SafeString:
    """A QR code as SVG; size s, m, l. The text itself should stand beside it."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, border=2, svgclass="qr__svg", lineclass=None
    )
    return _draw("qr", svg=mark_safe(drawn), label=label, size=size)  # noqa: S308 segno draws from modules, not from text


@register.simple_tag
def tracking_code(code: str, label: str = "") -> SafeString:
    """The citizen's tracking code: large, in groups, with a copy button."""
    return _draw("tracking_code", code=code, label=label, id=f"code-{secrets.token_hex(3)}")


@register.simple_tag
def copy_button(target: str, label: str = "") -> SafeString:
    """Copies the text of the element with this id (appears only where scripts run)."""
    return _draw("copy_button", target=target, label=label)


@register.simple_tag
def print_button(label: str = "") -> SafeString:
    """Opens the print dialog (appears only where scripts run)."""
    return _draw("print_button", label=label)


@register.simple_tag
def read_aloud(target: str = "main") -> SafeString:
    """Reads an element aloud in elder mode (appears only where the browser can speak)."""
    return _draw("read_aloud", target=target)


# --- blocks with a slot --------------------------------------------------------------------------


@register.simple_block_tag
def card(content: str, title: str = "", href: str = "", kind: str = "", level: int = 3, **attrs: Any) -> SafeString:
    """A framed piece; ``href`` makes all of it a link by its title; kind own marks the citizen's things."""
    options = {"title": title, "href": href, "kind": kind, "level": level}
    return _draw("card", content=content, attrs=_attributes(attrs), **options)


@register.simple_block_tag
def panel(content: str, title: str = "", level: int = 2, kind: str = "", id: str = "") -> SafeString:
    """A section of a page with a heading under a hairline."""
    return _draw("panel", content=content, title=title, level=level, kind=kind, id=id)


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "") -> SafeString:
    """A message in the page; kind: info, done, warn, error, own."""
    return _draw("notice", content=content, kind=kind, title=title)


@register.simple_block_tag
def empty_state(content: str, title: str, icon: str = "empty") -> SafeString:
    """Nothing here yet: why, and what to do next (the slot)."""
    return _draw("empty_state", content=content, title=title, icon=icon)


@register.simple_block_tag
def row(content: str, title: str, href: str = "", meta: str = "", side: str = "") -> SafeString:
    """One line of a ``<ul class="rows">``: title, small facts, and the slot (badges, deadline) beside."""
    return _draw("row", content=content, title=title, href=href, meta=meta, side=side)


@register.simple_block_tag
def field_group(content: str, legend: str, hint: str = "") -> SafeString:
    """Fields that belong together."""
    return _draw("field_group", content=content, legend=legend, hint=hint, id=f"group-{secrets.token_hex(3)}")


@register.simple_block_tag
def filter_bar(content: str, reset: str = "", label: str = "", submit: str = "", **attrs: Any) -> SafeString:
    """A GET form of filters with its submit button and a link that clears them."""
    return _draw("filter_bar", content=content, reset=reset, label=label, submit=submit, attrs=_attributes(attrs))


@register.simple_block_tag
def table(content: str, caption: str = "", kind: str = "", show_caption: bool = False) -> SafeString:
    """A table that becomes cards on a phone; give each td its ``data-label``; kind: dense, plain."""
    return _draw("table", content=content, caption=caption, kind=kind, show_caption=show_caption)


@register.simple_block_tag
def toolbar(content: str, label: str) -> SafeString:
    """Actions side by side."""
    return _draw("toolbar", content=content, label=label)


@register.simple_block_tag
def action_bar(content: str, note: str = "") -> SafeString:
    """The one primary action of a page: at the thumb on a phone, in the text on a desktop."""
    return _draw("action_bar", content=content, note=note)


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    """A dialog opened by ``<a href="#id" data-dialog>`` with scripts and by ``:target`` without."""
    return _draw("dialog", content=content, id=id, title=title)


@register.simple_block_tag(takes_context=True)
def print_sheet(context: template.Context, content: str, title: str, subtitle: str = "") -> SafeString:
    """An A4 sheet: brand line, title, slot."""
    demo = context.get("demo", False)
    return _draw("print_sheet", content=content, title=title, subtitle=subtitle, demo=demo)


@register.simple_block_tag
def page_head(content: str, title: str, eyebrow: str = "", lede: str = "") -> SafeString:
    """The head of a page: small line above, the one h1, a sentence, and the slot (badges, facts)."""
    return _draw("page_head", content=content, title=title, eyebrow=eyebrow, lede=lede)


# --- things made of lists ------------------------------------------------------------------------


@register.simple_tag
def thread(nodes: Iterable[Any], label: str = "", audience: str = "citizen") -> SafeString:
    """一件事的来龙去脉: the vertical line of ``core.thread.Node`` (or dicts with the same keys)."""
    return _draw("thread", nodes=nodes, label=label, audience=audience, icons=THREAD_ICONS)


@register.simple_tag
def tabs(items: Iterable[Any], label: str = "") -> SafeString:
    """Links beside each other; items have label, url, current and maybe count, tone."""
    return _draw("tabs", items=items, label=label)


@register.simple_tag
def stepper(steps: Iterable[str], current: int = 1) -> SafeString:
    """Where one is in a short journey; ``current`` counts from 1."""
    return _draw("stepper", steps=list(steps), current=current)


@register.simple_tag
def breadcrumbs(*crumbs: str) -> SafeString:
    """Words and addresses by turns, the last alone: ``{% breadcrumbs "Board" "/suggestions/" "This" %}``."""
    pairs = [(crumbs[i], crumbs[i + 1] if i + 1 < len(crumbs) else "") for i in range(0, len(crumbs), 2)]
    return _draw("breadcrumbs", pairs=pairs)


@register.simple_tag
def definition_list(pairs: Iterable[tuple[Any, Any]]) -> SafeString:
    """Terms and their values; empty values are left out."""
    return _draw("definition_list", pairs=[(term, value) for term, value in pairs if value not in (None, "")])


@register.simple_tag(takes_context=True)
def pager(
    context: template.Context, page: Any, name: str = "cursor", label: str = "", by_time: bool = True
) -> SafeString:
    """Newer and older links of a ``core.keyset.Page``, keeping the other parameters of the address.

    ``by_time``: False for a list in another order, whose pages are the one before and the next.
    """
    newer = query(context, **{name: page.newer}) if page.newer else ""
    older = query(context, **{name: page.older}) if page.older else ""
    return _draw("pager", newer=newer, older=older, label=label, by_time=by_time)


@register.simple_tag
def officer_card(officer: Any, href: str = "") -> SafeString:
    """An officer without a portrait: name, position, badge_number, unit, phone, beats (any may miss)."""
    return _draw("officer_card", officer=officer, href=href)


# --- forms ---------------------------------------------------------------------------------------


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """What to correct, at the top, each line a link to its field; empty when the form is right."""
    fields = [field for field in form if field.errors] if form.errors else []
    return _draw("error_summary", form=form, fields=fields, count=len(fields) + len(form.non_field_errors()))


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """One field with label, hint, error and input."""
    return bound.as_field_group()


@register.simple_tag
def radio_cards(bound: BoundField) -> SafeString:
    """A choice as cards; ``Field.hints`` ({value: sentence}) says more under a label."""
    return _draw("radio_cards", field=bound)


@register.simple_tag
def rating(bound: BoundField) -> SafeString:
    """The five levels of the national 好差评 scale as radios with faces and words."""
    return _draw("rating", field=bound)


@register.simple_tag
def file_field(bound: BoundField) -> SafeString:
    """Files with a preview of what was chosen (the preview needs scripts, the upload does not)."""
    return _draw("file_field", field=bound)


@register.simple_tag
def search_field(name: str = "q", value: str = "", label: str = "", placeholder: str = "") -> SafeString:
    """A search box with its button, inside your own GET form."""
    return _draw(
        "search_field",
        name=name,
        value=value,
        label=label,
        placeholder=placeholder,
        id=f"search-{secrets.token_hex(3)}",
    )


@register.filter
def first_input_id(bound: BoundField) -> str:
    """The id a link in the error summary should jump to: the input, or the first radio or checkbox."""
    return bound.id_for_label or f"{bound.auto_id}_0"
