"""What the portal may do with areas, units, officers and roles."""

from core.database_roles import ALL, declare
from directory.models import Area, Membership, Officer, Posting, Unit

for reference in (Area, Unit, Officer):
    declare(reference, changes=ALL)
declare(Unit.areas.through, inserts=False)  # it says which station a place belongs to: from the shell alone
declare(Officer.beats.through, changes=ALL, deletes=True)
declare(
    Membership,
    changes="ends confirmed_by confirmed_at refused_by refused_at",
    stands="id user role unit starts proposed_by proposed_at",
)
declare(
    Posting,
    changes="confirmed_by confirmed_at refused_by refused_at",
    stands="id officer unit user proposed_by proposed_at",
)
