# syntax=docker/dockerfile:1
FROM ghcr.io/astral-sh/uv:0.13.8 AS uv

FROM python:3.12-slim AS builder
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /opt/dagster/app
COPY pyproject.toml uv.lock README.md ./
# Neither the tools of development nor the servers of the local stack belong in the image.
RUN uv sync --locked --no-default-groups --no-install-project

FROM python:3.12-slim
RUN useradd --system --create-home --uid 10001 dagster \
    && mkdir -p /opt/dagster/app /opt/dagster/run /opt/dagster/cache \
        /opt/dagster/dagster_home/storage /opt/dagster/dagster_home/logs \
    && chown -R dagster:dagster /opt/dagster
ENV PATH=/opt/dagster/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/opt/dagster/app \
    DAGSTER_HOME=/opt/dagster/dagster_home
WORKDIR /opt/dagster/app
COPY --from=builder --chown=dagster:dagster /opt/dagster/app/.venv .venv
COPY --chown=dagster:dagster pyproject.toml ./
COPY --chown=dagster:dagster src src
COPY --chown=dagster:dagster dagster_home /opt/dagster/dagster_home
USER dagster
EXPOSE 3000
CMD ["dagster-webserver", "-h", "0.0.0.0", "-p", "3000", "-m", "src.dagster_app"]
