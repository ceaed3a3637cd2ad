"""The properties of the embedded broker."""

from __future__ import annotations

from pathlib import Path

from toccata.standalone.kafka_users import KafkaUsers
from toccata.standalone.port import LOOPBACK

# One replica of everything, few internal partitions, small buffers, records of at most 1 MiB. With the short broker
# session it answers 4 s after a SIGKILL instead of 22 s. An idle controller writes a record every 30 s, not two a second.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=CLIENT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=CLIENT://{host}:{port}
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:{protocol},CLIENT:{protocol}
log.dirs={log_dir}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
message.max.bytes=1048576
log.retention.hours=168
log.segment.bytes=134217728
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.io.buffer.size=131072
num.network.threads=2
num.io.threads=4
background.threads=2
broker.heartbeat.interval.ms=500
metadata.max.idle.interval.ms=30000
broker.session.timeout.ms=3000
"""
# Both listeners ask for a password. Clients use SCRAM, which never sends it. The broker signs in to itself by PLAIN: it
# must do so before any user exists, and nobody else can have bound a port that it listens on.
_CLOSED = """\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users={supers}
sasl.mechanism.controller.protocol=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={jaas}
listener.name.client.sasl.enabled.mechanisms=SCRAM-SHA-256,PLAIN
listener.name.client.plain.sasl.jaas.config={jaas}
listener.name.client.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


def properties(log_dir: Path, port: int, controller_port: int, users: KafkaUsers | None) -> str:
    """The text of ``server.properties``. Without users the broker is open: for tests only."""
    text = _PROPERTIES.format(
        host=LOOPBACK,
        port=port,
        controller_port=controller_port,
        protocol="PLAINTEXT" if users is None else "SASL_PLAINTEXT",
        log_dir=str(log_dir).replace("\\", "\\\\"),
    )
    return text if users is None else text + _CLOSED.format(supers=users.supers, jaas=users.jaas)
