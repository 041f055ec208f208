"""A bucket on a private server that speaks the interface of Amazon S3."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}


@contextmanager
def s3_bucket(name: str) -> Iterator[tuple[str, Any]]:
    """Yield the address of a server with an empty bucket, and boto3's client of it."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **KEYS)
    client.create_bucket(Bucket=name)
    try:
        yield url, client
    finally:
        client.close()
        server.stop()
