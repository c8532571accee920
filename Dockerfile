# Builds ingest and packs it with its default configuration and CA certificates, nothing else.

FROM rust:1.95-slim-bookworm AS builder
# SQLite, ring, zstd and jemalloc are compiled from C; the slim image brings the gcc they need.
RUN apt-get update && apt-get install --yes --no-install-recommends make
WORKDIR /build
COPY . .
ENV CARGO_PROFILE_RELEASE_STRIP=debuginfo
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target,sharing=locked \
    cargo build --release --locked --bin ingest \
    && install -D target/release/ingest /out/ingest

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
# /data belongs to the user before it becomes a volume, so that a new named volume does too.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ingest \
    && install --directory --owner=ingest --group=ingest --mode=0750 /data
COPY --from=builder /out/ingest /usr/local/bin/ingest
COPY config/ingest.toml config/feeds.toml /etc/ingest/
USER ingest
# The configured database is relative to the working directory: /data/ingest.sqlite.
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# Shows that the configuration is valid and the database opens. The empty feeds file keeps the
# check from laying down the declared feeds each time. Whether feeds succeed: `ingest feeds list`.
HEALTHCHECK --interval=5m --timeout=30s --start-period=30s --retries=3 \
    CMD INGEST_FEEDS__FILE= ingest --config /etc/ingest/ingest.toml --quiet feeds list > /dev/null
ENTRYPOINT ["ingest", "--config", "/etc/ingest/ingest.toml"]
