"""One module for each of the pages' readers: the public, those who propose, and the desk."""

from annual_projects.views import desk_candidates, desk_editions, desk_projects, nominate, project, public

__all__ = ["desk_candidates", "desk_editions", "desk_projects", "nominate", "project", "public"]
