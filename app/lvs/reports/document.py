"""Reading a document that crossed a socket as a type: the one place where pulse loads msgspec."""

from typing import Any, TypeVar

_Kind = TypeVar("_Kind")


def read_document(document: Any, kind: type[_Kind]) -> _Kind:
    """Return `document`, which is made of dictionaries, lists and plain values, as a `kind`.

    Missing fields have their defaults, unknown ones are ignored. Raises ValueError, which says what was expected
    where; a dataclass may refuse what has the right types by raising it in its ``__post_init__``.
    """
    # Loaded with the first document, so that the kernel's table does not wait for it when pulse starts.
    import msgspec

    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
