"""Files on their way through S3, SFTP and Redis, in one flow on the whole system."""

from __future__ import annotations

import threading
from pathlib import Path

import fakeredis
import pytest
from moto.server import ThreadedMotoServer

from tests.support.api import outputs, signed_in
from tests.support.system import System
from tests.unit.toccata.plugins.families.fs.servers import PASSWORD, ssh_server

pytestmark = [pytest.mark.processes, pytest.mark.servers]

FLOW = """\
id: stores
namespace: stores.team
pluginDefaults:
  - type: io.kestra.plugin.aws
    values:
      region: eu-central-1
      accessKeyId: AKIA0
      secretKeyId: hidden-key
      endpointOverride: {s3}
      bucket: trips
  - type: io.kestra.plugin.fs.sftp
    values: {{host: 127.0.0.1, port: {port}, username: bot, password: {password}}}
tasks:
  - {{id: write, type: io.kestra.plugin.core.storage.Write, extension: .csv, content: "a,b\\n1,2\\n"}}
  - {{id: bucket, type: io.kestra.plugin.aws.s3.CreateBucket}}
  - {{id: up, type: io.kestra.plugin.aws.s3.Upload, from: "{{{{ outputs.write.uri }}}}", key: raw/trips.csv}}
  - {{id: list, type: io.kestra.plugin.aws.s3.List, prefix: raw/}}
  - {{id: down, type: io.kestra.plugin.aws.s3.Download, key: "{{{{ outputs.list.objects[0].key }}}}"}}
  - {{id: send, type: io.kestra.plugin.fs.sftp.Upload, from: "{{{{ outputs.down.uri }}}}", to: /in/}}
  - {{id: mark, type: io.kestra.plugin.redis.string.Set, url: "{redis}", key: done, value: "{{{{ outputs.send.to }}}}"}}
  - {{id: local, type: io.kestra.plugin.fs.local.List, from: /etc, allowFailure: true}}
"""


async def test_a_file_goes_through_the_stores(system: System, tmp_path: Path) -> None:
    s3 = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    s3.start()
    redis = fakeredis.TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    redis.daemon_threads = True
    threading.Thread(target=redis.serve_forever, daemon=True).start()
    host, port = s3.get_host_and_port()
    try:
        async with ssh_server(tmp_path / "served") as files, signed_in(system) as api:
            source = FLOW.format(
                s3=f"http://{host}:{port}",
                redis=f"redis://127.0.0.1:{redis.server_address[1]}/0",
                port=files.port,
                password=PASSWORD,
            )
            await api.save(source)
            page = await api.execute("stores.team", "stores", wait=True)
            lines = await api.lines(page["id"])
    finally:
        s3.stop()
        redis.shutdown()
    assert page["state"]["current"] == "WARNING", page
    sent = outputs(page, "send")["to"]
    (found,) = (tmp_path / "served" / "in").iterdir()
    assert (sent, found.read_text()) == (f"sftp://127.0.0.1/in/{found.name}", "a,b\n1,2\n")
    assert outputs(page, "up")["key"] == "raw/trips.csv"
    said = "\n".join(text for _, text in lines)
    assert "TOCCATA_WORKER_LOCAL_PATHS" in said, "local files are closed unless somebody opens them"
    assert "hidden-key" not in said
    assert PASSWORD not in said
