"""What one crossing hides, and what it brings back: a drop hides, an add brings back.

Start at `Keeper`: it hands the same `CrossingContext` and `Outcome` to each of its parts. How a statement of the script
arrives is not known here; `script` looks at it and calls these parts.
"""

from flask_rewind.keeper.context import OPPOSITE, CrossingContext
from flask_rewind.keeper.keeper import Keeper
from flask_rewind.keeper.outcome import Outcome

__all__ = ["OPPOSITE", "CrossingContext", "Keeper", "Outcome"]
