"""What the portal may do with areas, units, officers and roles."""

from core.database_roles import ALL, declare
from directory.models import Area, Membership, Officer, Unit

for reference in (Area, Unit, Officer):
    declare(reference, changes=ALL)
for link in (Unit.areas.through, Officer.beats.through):
    declare(link, changes=ALL, deletes=True)
declare(
    Membership,
    changes="ends confirmed_by confirmed_at refused_by refused_at",
    stands="id user role unit starts proposed_by proposed_at",
)
