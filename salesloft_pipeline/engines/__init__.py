"""The two engines behind the warehouse's face: how each is opened, and how it is written anew."""


class WarehouseError(Exception):
    """The warehouse cannot be opened; the message says which one, why, and what to do."""


def quote(identifier: str) -> str:
    """A schema, table or column name as SQL takes it: `order` becomes `"order"`."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL takes it: `it's` becomes `'it''s'`. For the few places that take no parameter."""
    return "'" + value.replace("'", "''") + "'"
