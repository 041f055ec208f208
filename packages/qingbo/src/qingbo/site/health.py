"""Health checks for load balancers and monitors."""

import logging

from flask import Blueprint, jsonify
from flask_rewind import SchemaState, is_unfinished, schema_state
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from qingbo.draining import is_stopping
from qingbo.extensions import MIGRATIONS, db

log = logging.getLogger(__name__)

bp = Blueprint("health", __name__)


@bp.get("/healthz/live")
def show_life() -> tuple[Response, int]:
    """Answer 200: this process works and need not be restarted, even if the database is down."""
    return jsonify(status="ok"), 200


@bp.get("/healthz")
@bp.get("/healthz/ready")
def show_health() -> tuple[Response, int]:
    """Answer 200 if the database answers and has this code's schema; otherwise, or before stopping, 503."""
    if is_stopping():
        return jsonify(status="stopping"), 503
    try:
        with db.engine.connect() as connection:
            state = schema_state(connection, MIGRATIONS)
            is_moving = is_unfinished(connection)
    except SQLAlchemyError:
        log.warning("The database does not answer.", exc_info=True)
        return jsonify(status="the database does not answer"), 503
    # A move that runs, or was interrupted, does not keep this code from its schema while the version row says so.
    move = {"move": "unfinished"} if is_moving else {}
    if state is not SchemaState.AT_HEAD:
        return jsonify(status=f"the schema is {state.value}", **move), 503
    return jsonify(status="ok", **move), 200
