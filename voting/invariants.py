"""What must hold of every vote, asked of the rows themselves."""

from collections.abc import Iterable, Iterator

from django.db import connection

from core.promises import promise
from voting import marks
from voting.heads import as_text
from voting.models import Ballot, Head, Leaf, Poll
from voting.models.triggers import PAPER_BALLOTS, VALID_SHEETS
from voting.proofs import published, signing
from voting.proofs.merkle import leaf_hash, prefix_roots
from voting.queries import results


def _rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@promise("P4")
def one_ballot_for_one_entry() -> Iterable[object]:
    """There are as many online ballots as online entries of the roll, and no more paper ballots than stubs."""
    return _rows("""
        SELECT e.year, online, entries, paper, stubs FROM annual_projects_edition e
        JOIN (SELECT edition_id, count(*) FILTER (WHERE channel = 'online') AS online,
                     count(*) FILTER (WHERE channel = 'paper') AS paper
              FROM voting_ballot GROUP BY edition_id) b ON b.edition_id = e.id
        LEFT JOIN (SELECT edition_id, count(*) FILTER (WHERE channel = 'online') AS entries,
                          count(*) FILTER (WHERE channel = 'paper') AS stubs
                   FROM voting_rollentry GROUP BY edition_id) r ON r.edition_id = e.id
        WHERE online IS DISTINCT FROM entries OR paper > COALESCE(stubs, 0)
        UNION ALL
        SELECT e.year, 0, count(*), 0, 0 FROM voting_rollentry r JOIN annual_projects_edition e ON e.id = r.edition_id
        WHERE r.channel = 'online' AND NOT EXISTS (SELECT 1 FROM voting_ballot b WHERE b.edition_id = e.id)
        GROUP BY e.year
    """)


@promise("P4")
def nobody_stands_on_the_roll_twice() -> Iterable[object]:
    """No fingerprint stands on the roll of an edition twice, by whatever channel."""
    return _rows("""
        SELECT edition_id, left(fingerprint, 8), count(*) FROM voting_rollentry
        GROUP BY edition_id, fingerprint HAVING count(*) > 1
    """)


@promise("P4")
def every_stub_is_counted_with_who_wrote_it() -> Iterable[object]:
    """On every day clerks have counted as many stubs as there are people on the roll who were given paper."""
    return _rows("""
        SELECT edition_id, day, written, entries
        FROM (SELECT edition_id, day, sum(written) AS written FROM voting_stubs GROUP BY 1, 2) s
        FULL JOIN (SELECT edition_id, day, count(*) AS entries FROM voting_rollentry WHERE channel = 'paper'
                   GROUP BY 1, 2) r USING (edition_id, day)
        WHERE written IS DISTINCT FROM entries
    """)


@promise("P4")
def every_stub_has_a_sheet() -> Iterable[object]:
    """No unit has given a ballot to more people than it was issued sheets."""
    return _rows("""
        SELECT edition_id, unit_id, written, COALESCE(issued, 0)
        FROM (SELECT edition_id, unit_id, sum(written) AS written FROM voting_stubs GROUP BY 1, 2) s
        LEFT JOIN (SELECT edition_id, unit_id, count(*) AS issued FROM voting_papersheet GROUP BY 1, 2) p
            USING (edition_id, unit_id)
        WHERE written > COALESCE(issued, 0)
    """)


@promise("P4")
def every_counted_sheet_is_one_ballot() -> Iterable[object]:
    """There are as many paper ballots as valid sheets in closed batches, with the same choices."""
    return _rows(f"""
        SELECT edition_id, marks, sheets.n, ballots.n
        FROM ({VALID_SHEETS}) sheets FULL JOIN ({PAPER_BALLOTS}) ballots USING (edition_id, marks)
        WHERE sheets.n IS DISTINCT FROM ballots.n
    """)  # noqa: S608  texts of ours


@promise("P4")
def every_ballot_is_valid() -> Iterable[object]:
    """Every ballot names so many different candidates of its edition as the edition allows."""
    return _rows("""
        SELECT b.id FROM voting_ballot b JOIN annual_projects_edition e ON e.id = b.edition_id
        LEFT JOIN voting_poll p ON p.edition_id = b.edition_id
        WHERE p.edition_id IS NULL OR b.marks & ~p.candidates <> 0
           OR bit_count(b.marks::bit(64)) NOT BETWEEN e.choose_min AND e.choose_max
    """)


@promise("P4")
def closed_votes_balance() -> Iterable[object]:
    """Where the count is complete, every sheet is accounted for and every batch is closed."""
    return _rows("""
        SELECT e.year, s.serial FROM voting_papersheet s JOIN voting_poll p ON p.edition_id = s.edition_id
        JOIN annual_projects_edition e ON e.id = p.edition_id
        WHERE p.closed_at IS NOT NULL AND s.state = 'issued'
        UNION ALL
        SELECT e.year, b.number::text FROM voting_paperbatch b JOIN voting_poll p ON p.edition_id = b.edition_id
        JOIN annual_projects_edition e ON e.id = p.edition_id
        WHERE p.closed_at IS NOT NULL AND b.state <> 'closed'
    """)


@promise("P5")
def entries_and_ballots_are_not_joined_by_their_transaction() -> Iterable[object]:
    """No entry of the roll from before yesterday still shares its transaction with one ballot alone."""
    return _rows("""
        SELECT r.edition_id, r.day, count(*) FROM voting_rollentry r
        JOIN (SELECT xmin::text AS written FROM voting_ballot GROUP BY 1 HAVING count(*) = 1) alone
          ON alone.written = r.xmin::text
        WHERE r.channel = 'online' AND r.day < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date - 1
        GROUP BY 1, 2
    """)


@promise("P5")
def closed_votes_were_shuffled() -> Iterable[object]:
    """Where the count is complete, all ballots were written in one go, and so was the roll."""
    return _rows("""
        SELECT p.edition_id FROM voting_poll p
        WHERE p.closed_at IS NOT NULL AND (
            (SELECT count(DISTINCT b.xmin::text) FROM voting_ballot b WHERE b.edition_id = p.edition_id) > 1
            OR (SELECT count(DISTINCT r.xmin::text) FROM voting_rollentry r WHERE r.edition_id = p.edition_id) > 1
        )
    """)


@promise("P7")
def the_roll_is_what_was_imported() -> Iterable[object]:
    """Every uploaded roll names exactly the people its files added."""
    return _rows("""
        SELECT COALESCE(v.edition_id, i.edition_id), v.n, i.n
        FROM (SELECT edition_id, count(*) AS n FROM voting_eligiblevoter GROUP BY 1) v
        FULL JOIN (SELECT edition_id, sum(added) AS n FROM voting_rollimport GROUP BY 1) i
          ON i.edition_id = v.edition_id
        WHERE COALESCE(v.n, 0) <> COALESCE(i.n, 0)
    """)


@promise("P8")
def every_ballot_is_what_was_committed_to() -> Iterator[object]:
    """The commitment of every ballot is that of its id, choices and nonce."""
    fields = ("id", "marks", "nonce", "commitment")
    for pk, chosen, nonce, commitment in Ballot.objects.values_list(*fields).iterator(chunk_size=5_000):
        if published.commit(str(pk), marks.unpack(chosen), nonce) != commitment:
            yield pk


@promise("P8")
def the_tree_holds_what_its_heads_say() -> Iterator[object]:
    """Every head is signed, follows the one before, and is the root over the first commitments."""
    for poll in Poll.objects.select_related("edition").order_by("pk"):
        commitments = Leaf.objects.filter(edition_id=poll.pk).order_by("position").values_list("commitment", flat=True)
        heads = Head.objects.filter(edition_id=poll.pk).order_by("seq")
        roots = prefix_roots((leaf_hash(bytes.fromhex(one)) for one in commitments), [head.size for head in heads])
        previous = published.GENESIS
        for head in heads:
            text, root = as_text(poll.edition, head), roots.get(head.size)
            is_signed = signing.is_signed(text.text, head.signature, signing.public_key())
            if head.previous != previous or not is_signed or root is None or root.hex() != head.root:
                yield f"{poll.edition.year} head {head.seq}"
            previous = text.digest


@promise("P8")
def every_ballot_is_in_the_tree_and_nothing_else() -> Iterable[object]:
    """Every commitment in a tree is that of a ballot; where the count is complete, every ballot is in the tree."""
    return _rows("""
        SELECT l.edition_id, l.position, l.commitment FROM voting_leaf l
        WHERE NOT EXISTS (
            SELECT 1 FROM voting_ballot b WHERE b.edition_id = l.edition_id AND b.commitment = l.commitment
        )
        UNION ALL
        SELECT b.edition_id, NULL, b.commitment FROM voting_ballot b JOIN voting_poll p ON p.edition_id = b.edition_id
        WHERE p.closed_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM voting_leaf l WHERE l.edition_id = b.edition_id AND l.commitment = b.commitment
        )
    """)


@promise("P8")
def the_published_result_is_the_recount() -> Iterator[object]:
    """Counting again gives the published result to the byte."""
    for poll in Poll.objects.filter(published_at__isnull=False).select_related("edition"):
        if results.recount(poll) != poll.result:
            yield poll.edition.year


@promise("P12")
def votes_ended_as_the_ledger_says() -> Iterable[object]:
    """The last head, the ballots and the published result of a vote are those of the acts that ended it."""
    return _rows("""
        SELECT e.year FROM voting_poll p JOIN annual_projects_edition e ON e.id = p.edition_id
        LEFT JOIN LATERAL (
            SELECT seq, root, size FROM voting_head h WHERE h.edition_id = p.edition_id ORDER BY seq DESC LIMIT 1
        ) h ON true
        WHERE p.closed_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM core_auditentry a
            WHERE a.object_type = 'voting.poll' AND a.object_id = p.edition_id::text
              AND a.data ->> 'head' = h.seq::text AND a.data ->> 'root' = h.root AND a.data ->> 'size' = h.size::text
              AND h.size = (SELECT count(*) FROM voting_ballot b WHERE b.edition_id = p.edition_id))
        UNION ALL
        SELECT e.year FROM voting_poll p JOIN annual_projects_edition e ON e.id = p.edition_id
        WHERE p.published_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM core_auditentry a
            WHERE a.object_type = 'voting.poll' AND a.object_id = p.edition_id::text
              AND a.data ->> 'result' = encode(sha256(convert_to(p.result, 'UTF8')), 'hex'))
    """)


@promise("P12")
def rolls_are_as_long_as_the_ledger_says() -> Iterable[object]:
    """Every uploaded roll has as many lines and new names as the act on the ledger says."""
    return _rows("""
        SELECT i.id FROM voting_rollimport i WHERE NOT EXISTS (
            SELECT 1 FROM core_auditentry a
            WHERE a.object_type = 'voting.rollimport' AND a.object_id = i.id::text
              AND a.data ->> 'lines' = i.lines::text AND a.data ->> 'added' = i.added::text)
        ORDER BY i.id
    """)
