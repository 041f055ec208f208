"""What a crossing needs that did not end: it is taken back, or its last cleaning up is done.

`Recovery` is where to start. `TakingBack` undoes one crossing by the journal and the catalog alone.
"""

from flask_rewind.recovery.former_crossing import end_former_crossing
from flask_rewind.recovery.recovery import PausedCrossing, Recovery
from flask_rewind.recovery.taking_back import TakingBack

__all__ = ["PausedCrossing", "Recovery", "TakingBack", "end_former_crossing"]
