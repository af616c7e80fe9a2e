# scenario-run itself; it uses the engine whose socket is mounted (docs/ci.md).
ARG BASE=python:3.12-slim
FROM ${BASE} AS build
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir build && python -m build --wheel

FROM ${BASE}
COPY --from=build /src/dist/*.whl /tmp/
RUN pip install --no-cache-dir /tmp/*.whl && rm /tmp/*.whl
ENTRYPOINT ["scenario-run"]
CMD ["--help"]
