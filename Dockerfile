# syntax=docker/dockerfile:1
# Python 3.12: the newest for which didkit has wheels of its own.
FROM python:3.12-slim AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/ler-gateway
# What changes seldom comes first, so that its layer is kept.
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY resolvers resolvers
COPY policies policies
RUN /opt/ler-gateway/bin/pip install . \
    && /opt/ler-gateway/bin/python -m compileall -q /opt/ler-gateway/lib

FROM python:3.12-slim
COPY --from=build /opt/ler-gateway /opt/ler-gateway
# A user without name, home or shell; the only folder that it may write is the cache.
RUN install -d -o 10001 -g 10001 -m 0700 /var/cache/ler-gateway
ENV PATH=/opt/ler-gateway/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    LER_GATEWAY_CACHE_FOLDER=/var/cache/ler-gateway
USER 10001:10001
VOLUME /var/cache/ler-gateway
EXPOSE 8080 9090
# Run it with a read-only root and a small /tmp (workers keep their metrics there): see deploy/compose.yaml.
# Without tenants in its configuration it refuses to listen on 0.0.0.0, and ends.
ENTRYPOINT ["ler-gateway"]
CMD ["serve", "--host", "0.0.0.0"]
