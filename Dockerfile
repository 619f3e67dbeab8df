# The certifier in a small image: docker build -t lmtc . && docker run --rm -v "$PWD:/work" lmtc run spec.yaml
FROM swift:6.1-bookworm AS build
WORKDIR /lmtc
COPY . .
RUN scripts/install-packages && cp "$(scripts/build lmtc)" /usr/local/bin/lmtc

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libdnnl2 libgmp10 libgomp1 libnettle8 libyaml-0-2 zlib1g \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/lmtc /usr/local/bin/lmtc
WORKDIR /work
ENTRYPOINT ["lmtc"]
