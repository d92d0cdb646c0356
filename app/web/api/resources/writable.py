"""Whether a program's configuration can stand in an lvs.cf at all, found out before anything is opened for it."""

from app.lvs.grammar.value_writer import Unwritable
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config
from app.web.api.http.refusal import refuse


def refuse_unwritable(config: Config) -> None:
    """Answer 422 when no lvs.cf can say what `config` does."""
    try:
        render(config)
    except (Unwritable, ValueError) as error:
        refuse(
            422,
            f"lvs.cf cannot hold this: {error}",
            "Nothing was changed. Mend the text that is named and send it again.",
            problems=[],
        )
