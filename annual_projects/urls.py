"""Addresses of the year's ten."""

from django.urls import URLPattern, URLResolver, include, path

from annual_projects import views

app_name = "annual_projects"

annual = [
    path("", views.public.index, name="index"),
    path("<int:year>/", views.public.edition, name="edition"),
    path("<int:year>/nominate/", views.nominate.nominate, name="nominate"),
    path("<int:year>/candidates/<slug:slug>/", views.public.candidate, name="candidate"),
    path("<int:year>/candidates/<slug:slug>/join/", views.nominate.join, name="join"),
    path("<int:year>/candidates/<slug:slug>/take-back/", views.nominate.take_back, name="take_back"),
    path("<int:year>/projects/<slug:slug>/", views.project.project, name="project"),
    path("<int:year>/projects/<slug:slug>/rate/", views.project.rate, name="rate"),
    path("<int:year>/projects/<slug:slug>/photos/<int:pk>/", views.project.photo, name="photo"),
]

projects = [
    path("", views.desk_projects.index, name="desk_projects"),
    path("<slug:slug>/", views.desk_projects.project, name="desk_project"),
    path("<slug:slug>/steps/<int:pk>/<slug:verb>/", views.desk_projects.step, name="desk_step"),
    path("<slug:slug>/reports/<int:pk>/hide/", views.desk_projects.hide, name="desk_hide"),
    path("<slug:slug>/<slug:verb>/", views.desk_projects.act, name="desk_project_act"),
]

candidates = [
    path("", views.desk_candidates.index, name="desk_candidates"),
    path("<slug:slug>/", views.desk_candidates.candidate, name="desk_candidate"),
    path("<slug:slug>/<slug:verb>/", views.desk_candidates.act, name="desk_candidate_act"),
]

desk: list[URLPattern | URLResolver] = [
    path("", views.desk_editions.index, name="desk_index"),
    path("new/", views.desk_editions.new, name="desk_new"),
    path("<int:year>/", views.desk_editions.edition, name="desk_edition"),
    path("<int:year>/plan/", views.desk_editions.plan, name="desk_plan"),
    path("<int:year>/advance/", views.desk_editions.advance, name="desk_advance"),
    path("<int:year>/demand/", views.desk_editions.demand, name="desk_demand"),
    path("<int:year>/demand/candidate/", views.desk_editions.make_candidate, name="desk_make_candidate"),
    path("<int:year>/freeze/", views.desk_editions.freeze, name="desk_freeze"),
    path("<int:year>/freeze/<slug:step>/", views.desk_editions.freeze_step, name="desk_freeze_step"),
    path("<int:year>/candidates/", include(candidates)),
    path("<int:year>/projects/", include(projects)),
]

urlpatterns = [path("annual/", include(annual)), path("desk/annual/", include(desk))]
