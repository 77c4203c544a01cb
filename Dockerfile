# The Python that every stage shares, so that the environment made in one of them runs in the others. Debian 12, because its OpenSSL
# comes with the legacy provider that computes 1fichier's checksum; from Debian 13 on that is a package of its own.
FROM python:3.13-slim-bookworm AS interpreter
# Without docstrings, which take 5 MB of memory: pip compiles what it installs for that.
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONOPTIMIZE=2 \
    PATH=/opt/venv/bin:$PATH

# Dependencies before sources: a change of code does not install them again.
FROM interpreter AS dependencies
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM dependencies AS texts
WORKDIR /app
COPY handlers handlers
RUN find handlers -name '*.po' -exec sh -ec 'for catalogue; do \
      pybabel --quiet compile --input-file "$catalogue" --output-file "${catalogue%.po}.mo"; done' compile {} +

# The emulators read forms with one package more than the bot needs; its lines of the lock, with their hashes.
FROM dependencies AS demo-dependencies
COPY requirements-dev.lock .
RUN sed -n '/^python-multipart==/,/# via/p' requirements-dev.lock > demo.lock \
    && pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r demo.lock

# What the demo and the bot have in common.
FROM interpreter AS application
# A fixed number: the files of a volume keep their owner from one image to the next. A new volume takes owner and rights from the
# directory that it is mounted on.
RUN groupadd --gid 10001 bot \
    && useradd --uid 10001 --gid bot --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin bot \
    && install --directory --owner=bot --group=bot --mode=0700 /data /keys \
    && install --directory --owner=bot --group=bot --mode=0750 /var/lib/telegram-bot-api
WORKDIR /app
COPY --from=dependencies /opt/venv /opt/venv
COPY --from=texts /app/handlers handlers
COPY onefichier onefichier
COPY storage storage
COPY transfers transfers
COPY bot bot
RUN python -m compileall -q . \
    && python -c "import sys, onefichier; sys.exit(not onefichier.whirlpool_is_available())"

FROM application AS demo
COPY --from=demo-dependencies /opt/venv /opt/venv
COPY emulators emulators
USER 10001:10001
HEALTHCHECK NONE
# Everywhere inside the container, for the port to be published, best to this machine only: -p 127.0.0.1:8800:8800
EXPOSE 8800
CMD ["python", "-m", "emulators", "--host", "0.0.0.0"]

# Last, so that it is what `docker build .` makes.
FROM application AS bot
ENV BOT_DATA_DIR=/data
VOLUME ["/data"]
USER 10001:10001
# Asks for no port: the bot may be set to listen on none.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["python", "-m", "bot", "health"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
