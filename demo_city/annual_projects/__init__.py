"""The demo city's ten projects of four years: one being voted on, one being delivered, two that are finished."""
