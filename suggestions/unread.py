"""What nobody may route without having read it: it is said about the police, or could be, and is not plainly thanks, a
question or a request for a thing.

The finder (``accusation``) knows words of misconduct; people have more words than it has. So a text that it passes is
still read by a person, one by one, where it could be about the police. Pure: no database.
"""

import re
from collections.abc import Mapping

from suggestions.accusation import NEAR, Mention, Reading
from suggestions.plain_words import plain

CLERK = re.compile(r"^[（【(\[][^）】)\]\n]{2,20}[）】)\]]")  # （窗口代填）, written before it
REQUEST = re.compile(
    "(?<![申邀宴])请(?!客|假|问)|希望|恳|建议|麻烦|(?<!要)求|要求|盼|望|拜托|能不能|可不可以|能否|想要|please|could you"
)
QUESTION = re.compile("[?？]|吗|请问|想问|能不能|可不可以|怎么办")
SHORT = 16  # characters: nobody says both in so few
REACH = 28  # characters behind a request in which the thing is named


def must_be_read(text: str, names: Mapping[str, int], *, of: str = "") -> bool:
    """Whether a person has to read the text before it goes to whoever it could be about.

    ``of``: what was said first, where the text is said later: “not solved” then speaks of that trouble.
    """
    matter = _Unread(plain(of), names)
    return _Unread(CLERK.sub("", plain(text)), names).must_be_read(speaks_of_another=matter.speaks_of_another())


class _Unread(Reading):
    def speaks_of_another(self) -> bool:
        return self._others() or self._has("trouble")

    def must_be_read(self, *, speaks_of_another: bool) -> bool:
        """Said to the police, a text that speaks of nobody else and no other trouble is about whom it is said to."""
        about_them, others = self._is_about_them(), self._others()
        if self._bears_a_grudge() and (about_them or not others):
            return True
        if self._has("collusion") and (about_them or any(one.police for one in self.mentions)):
            return True
        return (about_them or not (speaks_of_another or self.speaks_of_another())) and not self._is_plain()

    def _is_about_them(self) -> bool:
        return self._has("contact") or any(not self._is_asked(one) for one in self.police)

    def _has(self, part: str) -> bool:
        return self.words.parts[part].search(self.text) is not None

    def _bears_a_grudge(self) -> bool:
        """A sour word, unless it is of somebody else."""
        return any(self._may_be_theirs(start) for start, _end in self.words.spans("grudge", self.text))

    def _may_be_theirs(self, start: int) -> bool:
        doer = self._doer(start, within=self._sentence_start(start))
        return doer is None or doer.police or "被" in self.text[doer.end : start + 1]

    def _is_own(self, one: Mention) -> bool:
        """Whom something was done to does nothing themselves: 老头子被他们拎起来."""
        return super()._is_own(one) or "被" in self.text[one.end : one.end + NEAR]

    def _is_plain(self) -> bool:
        if self._has("asked") or (self._has("praise") and (self._has("benefit") or len(self.text) < SHORT)):
            return True
        wanted = QUESTION.search(self.text) or REQUEST.search(self.text)
        return (wanted is not None and self._has("trouble")) or self._requests_a_thing()

    def _requests_a_thing(self) -> bool:
        thing = self.words.parts["service_asked"]
        return any(thing.search(self.text, one.end(), one.end() + REACH) for one in REQUEST.finditer(self.text))
