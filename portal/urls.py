"""The front door, and the pages of lower rooms that are put together here because they show what is above them.

``directory:unit`` shows how a unit answers and ``plaza:day`` what was said there; both rooms know nothing of cases.
"""

from django.urls import include, path

from directory.views import public as directory
from directory.views import second_person
from portal.views import audit, home, me, open_data, plaza, units

own = [
    path("", home.home, name="home"),
    path("me/", me.me, name="me"),
    path("me/export/", me.export, name="export"),
    path("me/delete/", me.delete, name="delete"),
    path("open/", open_data.board, name="open"),
    path("open/data/", open_data.files, name="open_data"),
    path("open/data/datapackage.json", open_data.package, name="datapackage"),
    path("open/data/<slug:name>.csv", open_data.file, name="open_file"),
    path("open/recovery.csv", open_data.file, {"name": "recovery"}, name="recovery"),
    path("open/external.csv", open_data.file, {"name": "external"}, name="external"),
    path("desk/audit/", audit.ledger, name="audit"),
    path("desk/audit/audit.jsonl", audit.file, name="audit_file"),
    path("open/audit/heads.csv", open_data.audit_heads, name="audit_heads"),
]
directory_pages = [
    path("officers/", directory.officers, name="officers"),
    path("areas/", directory.areas, name="areas"),
    path("desk/people/", second_person.index, name="second"),
    path("desk/people/<slug:kind>/<int:pk>/", second_person.decide, name="second_decide"),
    path("units/", directory.units, name="units"),
    path("units/<slug:code>/", units.unit, name="unit"),
]
plaza_pages = [
    path("plaza/", plaza.index, name="index"),
    path("plaza/days/<str:date>/", plaza.day, name="day"),
]
urlpatterns = [
    path("", include((own, "portal"))),
    path("", include((directory_pages, "directory"))),
    path("", include((plaza_pages, "plaza"))),
]
