# syntax=docker/dockerfile:1
# One build, three images: `api`, `worker` (CPU engines) and `worker-gpu` (TensorFlow on CUDA).

# The maintained release of Node with long-term support, and what TensorFlow needs. Both by digest, which deploy/pin-images.mjs renews.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20
ARG CUDA_IMAGE=nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04@sha256:85fb7ac694079fff1061a0140fd5b5a641997880e12112d92589c3bbb1e8b7ca

FROM ${NODE_IMAGE} AS build
WORKDIR /unroll
# Needed by npm's postinstall script, which builds the kernels of the engine native.
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
COPY libs/kernels libs/kernels
# The ONNX runtime (290 MB) is only used to check the output of "unroll export".
RUN npm ci --no-audit --no-fund && rm -rf node_modules/onnxruntime-node \
  && test -f libs/kernels/build/Release/unroll_kernels.node
COPY nest-cli.json tsconfig.json .swcrc ./
COPY apps apps
COPY libs libs
RUN npm run build

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /unroll
COPY --from=build /unroll/node_modules node_modules
COPY --from=build /unroll/dist dist
COPY --from=build /unroll/libs/kernels/build/Release/unroll_kernels.node libs/kernels/build/Release/
COPY package.json ./
COPY apps/cli/bin apps/cli/bin
COPY tests/reference tests/reference
COPY examples/generate.mjs examples/
RUN mkdir -p /artifacts /data && chown node:node /artifacts /data
USER node
ENV ARTIFACTS_URL=file:///artifacts UNROLL_DATA=/data

FROM runtime AS api
ENV UNROLL_HOST=0.0.0.0
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD node -e "fetch('http://127.0.0.1:4000/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
CMD ["node", "dist/apps/api/src/main.js"]

FROM runtime AS worker
CMD ["node", "dist/apps/worker/src/main.js"]

# `COPY --from` takes no variable, but the name of a stage.
FROM ${NODE_IMAGE} AS node

# tfjs-node-gpu 4.22 binds libtensorflow 2.9.1, which requires CUDA 11.2 and cuDNN 8.1.
FROM ${CUDA_IMAGE} AS worker-gpu
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
  && apt-get update && apt-get install -y --no-install-recommends build-essential ca-certificates python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /unroll
COPY package.json package-lock.json ./
COPY libs/kernels libs/kernels
# npm ignores a failing optional dependency: without this check, an image without the binary would silently train on the CPU.
RUN npm ci --no-audit --no-fund && rm -rf node_modules/onnxruntime-node \
  && test -f node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node \
  && test -f node_modules/@tensorflow/tfjs-node-gpu/deps/lib/libtensorflow.so.2
COPY --from=build /unroll/dist dist
COPY apps/cli/bin apps/cli/bin
COPY tests/reference tests/reference
RUN useradd --create-home --uid 1000 node && mkdir -p /artifacts /data && chown node:node /artifacts /data
USER node
ENV NODE_ENV=production ARTIFACTS_URL=file:///artifacts UNROLL_DATA=/data UNROLL_ENGINE=tensorflow
CMD ["node", "dist/apps/worker/src/main.js"]
