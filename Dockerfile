# The same Debian in both stages: the media worker is linked against its libraries.
FROM node:26-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    ca-certificates g++ flatbuffers-compiler libabsl-dev libflatbuffers-dev libsrtp2-dev libssl-dev libuv1-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
# Before the rest, as it takes longest and changes least.
COPY media/worker media/worker
COPY server/contract server/contract
RUN cp "$(node media/worker/main.ts)" /mediasoup-worker
COPY client client
RUN node client/build.ts

FROM node:26-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg libabsl20220623 libsrtp2-1 libssl3 libuv1 \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir /data && chown node:node /data
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are the embedded PostgreSQL and a Node of its own: here the image has Node, and DATABASE_URL names a PostgreSQL.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force
COPY --from=build /mediasoup-worker /usr/local/bin/mediasoup-worker
COPY --from=build /app/dist dist
COPY media media
COPY migrations migrations
COPY server server
ENV NODE_ENV=production DATA_DIR=/data MEDIASOUP_WORKER_BIN=/usr/local/bin/mediasoup-worker
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/api/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/main.ts"]
