"""Which icon and tone a known word has. The words themselves belong to the rooms; only their look is here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """The tone (plain, lake, solid, own, amber, red) and the icon of a state."""

    tone: str
    icon: str


# amber and red are kept for time running out, so no state has them
STATE_LOOKS = {
    "received": Look("plain", "dot"),
    "accepted": Look("lake", "check"),
    "assigned": Look("lake", "forward"),
    "waiting": Look("own", "pause"),
    "replied": Look("solid", "reply"),
    "closed": Look("solid", "check"),
    "declined": Look("plain", "minus"),
    "merged": Look("plain", "merge"),
    "withdrawn": Look("plain", "withdraw"),
    "draft": Look("plain", "edit"),
    "published": Look("lake", "board"),
    "pending": Look("plain", "clock"),
    "open": Look("lake", "dot"),
    "queued": Look("plain", "clock"),
    "sent": Look("lake", "check"),
    "failed": Look("red", "error"),
    "done": Look("solid", "check"),
    "cancelled": Look("plain", "minus"),
    "voting": Look("lake", "vote"),
    "delivered": Look("solid", "check"),
    # the year's ten
    "collecting": Look("own", "edit"),
    "reviewing": Look("lake", "search"),
    "public_notice": Look("lake", "board"),
    "result": Look("lake", "chart"),
    "delivering": Look("lake", "project"),
    "judged": Look("own", "star"),
    "archived": Look("solid", "check"),
    "nominated": Look("plain", "edit"),
    "under_review": Look("lake", "search"),
    "rejected": Look("plain", "minus"),
    "planned": Look("plain", "clock"),
    "underway": Look("lake", "project"),
    "not_delivered": Look("plain", "close"),
    "dropped": Look("plain", "minus"),
    # called to account
    "inquiry": Look("plain", "search"),
    "opened": Look("lake", "flag"),
    "heard": Look("lake", "speak"),
    "decided": Look("lake", "check"),
    "answered": Look("solid", "check"),
    # appraisals
    "frozen": Look("lake", "lock"),
    "upheld": Look("solid", "check"),
}
THREAD_ICONS = {
    "said": "speak",
    "accepted": "check",
    "assigned": "forward",
    "waiting": "pause",
    "reply": "reply",
    "rated": "star",
    "closed": "check",
    "reopened": "reopen",
    "declined": "minus",
    "merged": "merge",
    "withdrawn": "withdraw",
    "extended": "clock",
    "escalated": "flag",
    "internal": "lock",
    "support": "support",
    "candidate": "template",
    "vote": "vote",
    "project": "project",
    "delivered": "people",
    "appraisal": "chart",
    "answered": "flag",
}
