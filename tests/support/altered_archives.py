"""Archives of a backup, each altered in another way."""

import hashlib
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Files = dict[str, bytes]
Manifest = dict[str, Any]
Change = Callable[[Files, Manifest], object]
Alteration = Callable[[Path], object]


def truncated(part: float) -> Alteration:
    """Keep the beginning of the file."""

    def alter(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * part)])

    return alter


def flipped(part: float) -> Alteration:
    """Change one byte."""

    def alter(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[int(len(content) * part)] ^= 0x55
        path.write_bytes(content)

    return alter


def replaced(content: bytes) -> Alteration:
    """Put something else in the place of the file."""
    return lambda path: path.write_bytes(content)


def rewritten(change: Change, *, with_sums: bool = False, with_seal: bool = True) -> Alteration:
    """Write the archive again with other content.

    Args:
        change: what is altered.
        with_sums: whether the checksums of its files fit.
        with_seal: whether the checksum of the whole fits.
    """

    def alter(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files.pop("manifest.json"))
        change(files, manifest)
        if with_sums:
            manifest["members"] = {
                name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in files.items()
            }
        files["manifest.json"] = json.dumps(manifest).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
            archive.comment = b"0" * 64
        if with_seal:
            content = path.read_bytes()[:-64]
            path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())

    return alter


def line_changed(table: str, change: Callable[[dict[str, Any]], object]) -> Change:
    """Change the first row of a table."""

    def alter(files: Files, manifest: Manifest) -> None:
        first, *others = files[f"tables/{table}.jsonl"].splitlines(keepends=True)
        row = json.loads(first)
        change(row)
        files[f"tables/{table}.jsonl"] = b"".join([json.dumps(row).encode() + b"\n", *others])

    return alter


def _file(name: str, change: Callable[[bytes], bytes]) -> Change:
    def alter(files: Files, manifest: Manifest) -> None:
        files[name] = change(files[name])

    return alter


def _added(name: str, content: bytes = b"") -> Change:
    return lambda files, manifest: files.update({name: content})


def _removed(name: str) -> Change:
    return lambda files, manifest: files.pop(name)


def _said(change: Callable[[Manifest], object]) -> Change:
    return lambda files, manifest: change(manifest)


def _twice(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        comment = archive.comment
        archive.writestr("tables/users.jsonl", b"")
        archive.comment = comment


POSTS = "tables/posts.jsonl"
ALTERED: dict[str, Alteration] = {
    "nothing": replaced(b" "),
    "a text": replaced(b"title: a post\n" * 1000),
    "a picture": replaced(b"\x89PNG\r\n\x1a\n" + b"\0" * 10_000),
    "an empty zip file": replaced(b"PK\x05\x06" + b"\0" * 18),
    "the beginning": truncated(0.1),
    "half of it": truncated(0.5),
    "most of it": truncated(0.95),
    "all but the last byte": truncated(0.9999),
    "another byte at the beginning": flipped(0.05),
    "another byte in the first half": flipped(0.3),
    "another byte in the middle": flipped(0.5),
    "another byte in the directory": flipped(0.9),
    "another byte near the end": flipped(0.995),
    "a row less": rewritten(_file(POSTS, lambda content: b"".join(content.splitlines(keepends=True)[1:]))),
    "a row less, with sums": rewritten(
        _file(POSTS, lambda content: b"".join(content.splitlines(keepends=True)[1:])), with_sums=True
    ),
    "a row twice, with sums": rewritten(
        _file(POSTS, lambda content: content + content.splitlines(keepends=True)[0]), with_sums=True
    ),
    "another title": rewritten(line_changed("posts", lambda row: row.update(title="mine"))),
    "a column more": rewritten(line_changed("posts", lambda row: row.update(more=1)), with_sums=True),
    "a column less": rewritten(line_changed("posts", lambda row: row.pop("title")), with_sums=True),
    "a text for a number": rewritten(line_changed("posts", lambda row: row.update(id="1")), with_sums=True),
    "a huge number": rewritten(line_changed("posts", lambda row: row.update(id=2**70)), with_sums=True),
    "a time without a zone": rewritten(
        line_changed("posts", lambda row: row.update(created_at="2026-01-01T00:00:00")), with_sums=True
    ),
    "half a character": rewritten(line_changed("posts", lambda row: row.update(title="\ud83d")), with_sums=True),
    "no JSON": rewritten(_file(POSTS, lambda content: b"{" + content), with_sums=True),
    "deep JSON": rewritten(_file(POSTS, lambda content: b"[" * 100_000 + b"\n" + content), with_sums=True),
    "no end of a line": rewritten(_file(POSTS, lambda content: content.rstrip()), with_sums=True),
    "no posts": rewritten(_removed(POSTS)),
    "no posts, with sums": rewritten(_removed(POSTS), with_sums=True),
    "a file more": rewritten(_added("tables/more.jsonl")),
    "a file outside": rewritten(_added("../../outside", b"x"), with_sums=True),
    "a file at the root": rewritten(_added("/etc/cron.d/x", b"x"), with_sums=True),
    "a file of two names": _twice,
    "a manifest of another program": rewritten(_said(lambda said: said.update(application="other"))),
    "a newer format": rewritten(_said(lambda said: said.update(format=99))),
    "a newer schema": rewritten(_said(lambda said: said.update(revision="9999"))),
    "a manifest without tables": rewritten(_said(lambda said: said.pop("tables"))),
    "an unknown kind": rewritten(_said(lambda said: said["tables"]["posts"]["columns"].update(id="uuid"))),
    "a manifest that was edited": rewritten(_said(lambda said: said.update(version="x")), with_seal=False),
    "another size": rewritten(_said(lambda said: said["members"][POSTS].update(bytes=1))),
}
