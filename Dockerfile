# One image, three commands: web, work, release (all are manage.py commands; `up` works too).
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/base.txt /tmp/base.txt
RUN /venv/bin/pip install --quiet --require-hashes --requirement /tmp/base.txt

FROM python:3.12-slim
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends ca-certificates tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin bp \
    && install -d -o bp -g bp -m 0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PRODUCTION=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data STATIC_ROOT=/app/static-collected DEMO_ENABLED=0
# Static files need no secret; these values live for this one line.
RUN SECRET_KEY=unused ALLOWED_HOSTS=unused DATA_DIR=/tmp/build \
    python manage.py collectstatic --noinput --skip-checks --verbosity 0 \
    && rm -rf /tmp/build \
    && python -m compileall -q .
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "docker/health.py"]
# tini reaps what a killed worker leaves behind and passes SIGTERM to the one process below it.
ENTRYPOINT ["tini", "--", "python", "manage.py"]
CMD ["web"]
