"""What the portal may do with places and activity days."""

from core.database_roles import ALL, declare
from plaza.models import ActivityDay, Place

declare(Place, changes=ALL)
declare(ActivityDay, changes=ALL)
for link in (ActivityDay.places.through, ActivityDay.units.through):
    declare(link, changes=ALL, deletes=True)
