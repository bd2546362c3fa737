"""A waiting room for measuring: one location, three queues, a desk that calls from all, a screen."""

from pathlib import Path

from callboard import site
from callboard.domain.directory import Directory

FILE = Path(__file__).with_name("room.toml")
ROOM = Directory(site.load([FILE]))
