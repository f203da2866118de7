"""The life of a thing as one table, ``{from: {to, …}}``: services and pages read it, and the database keeps it."""

from collections.abc import Iterable, Mapping
from typing import Any

import pgtrigger

Table = Mapping[Any, Iterable[str]]  # a Mapping is invariant in its keys, and each table has its own enumeration


def pairs(table: Table) -> list[tuple[str, str]]:
    """Every (from, to) that is possible at all."""
    return [(str(start), str(to)) for start, row in table.items() for to in row]


def starts_as(state: str, column: str = "state") -> pgtrigger.Trigger:
    """A new row begins at the beginning of its table."""
    return pgtrigger.Trigger(
        name=f"starts_{state}",
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        func=f"""
            IF NEW.{column} <> '{state}' THEN
                RAISE EXCEPTION '% starts as {state}, not as %', TG_TABLE_NAME, NEW.{column}
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def moves_by(table: Table, column: str = "state") -> pgtrigger.Trigger:
    """A row moves as its table says and in no other way."""
    allowed = ", ".join(f"('{start}', '{to}')" for start, to in pairs(table))
    return pgtrigger.Trigger(
        name="moves_by_the_table",
        operation=pgtrigger.UpdateOf(column),
        when=pgtrigger.Before,
        condition=pgtrigger.Q(**{f"old__{column}__df": pgtrigger.F(f"new__{column}")}),
        func=f"""
            IF (OLD.{column}, NEW.{column}) NOT IN ({allowed}) THEN
                RAISE EXCEPTION '% cannot move from % to %', TG_TABLE_NAME, OLD.{column}, NEW.{column}
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )
