"""The command line."""

import click

from callboard import __version__
from callboard.commands.check import check
from callboard.commands.erase import erase
from callboard.commands.export import export
from callboard.commands.keys import keys
from callboard.commands.replay import replay
from callboard.commands.run import demo, serve
from callboard.commands.signing import signing
from callboard.commands.texts import texts
from callboard.commands.users import users


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="callboard")
def main() -> None:
    """Callboard: a waiting room's tickets, screens, phone pages, texts and e-mail."""


for command in (serve, demo, check, replay, erase, export, keys, signing, texts, users):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="callboard")
