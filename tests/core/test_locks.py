"""One doer at a time: who comes second is told so, or waits, until the first transaction ends."""

import threading

import pytest
from django.db import connection, transaction

from core.locks import Lock, sweep, take, take_if_free


def elsewhere(what):
    """What another connection finds, in a transaction of its own."""
    found = []

    def ask():
        try:
            with transaction.atomic():
                found.append(what())
        finally:
            connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(10)
    return found[0] if found else "waits"


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_free_again_when_its_transaction_ends():
    with transaction.atomic():
        assert take_if_free(Lock.PHASES)
        assert take_if_free(Lock.PHASES)  # one's own is no obstacle
        assert not elsewhere(lambda: take_if_free(Lock.PHASES))
        assert elsewhere(lambda: take_if_free(Lock.DEMO))
    assert elsewhere(lambda: take_if_free(Lock.PHASES))


@pytest.mark.django_db(transaction=True)
def test_a_lock_of_one_row_leaves_the_others_free():
    with transaction.atomic():
        take(Lock.SEALING_BALLOTS, 1)
        assert elsewhere(lambda: take(Lock.SEALING_BALLOTS, 2)) is None
        waiting = threading.Thread(target=elsewhere, args=(lambda: take(Lock.SEALING_BALLOTS, 1),))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.parametrize(
    ("outcomes", "batch", "done", "steps"),
    [
        ([True, False, True, None, True], 9, 2, 4),  # one was not needed any more; nothing is due after the third
        ([True, True, True], 2, 2, 2),  # the rest is for the next sweep
        ([None], 5, 0, 1),
        ([], 0, 0, 0),
    ],
)
def test_a_sweep_goes_on_until_nothing_is_due(outcomes, batch, done, steps):
    taken = iter(outcomes)
    assert sweep(lambda: next(taken), batch) == done
    assert len(outcomes) - len(list(taken)) == steps
