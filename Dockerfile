# Builds the product, then keeps only what it needs to run.
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-dev libxml2-dev pkg-config && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN swift build -c release --product ai-coder --static-swift-stdlib \
 && install -D "$(swift build -c release --product ai-coder --static-swift-stdlib --show-bin-path)/ai-coder" /out/ai-coder \
 && strip /out/ai-coder \
 && swift deploy/sbom.swift "$(/out/ai-coder --version)" > /out/ai-coder.cdx.json

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
      bubblewrap ca-certificates git libsqlite3-0 libcurl4 libxml2 openssh-client python3 ripgrep tzdata universal-ctags util-linux \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 --shell /usr/sbin/nologin ai-coder \
 && install -d -o ai-coder -g ai-coder /workspace
COPY --from=build /out/ai-coder /usr/local/bin/ai-coder
# What is built into the program, with versions and commits; what comes from Debian is in dpkg's own list.
COPY --from=build /out/ai-coder.cdx.json /usr/share/doc/ai-coder/ai-coder.cdx.json
USER ai-coder
WORKDIR /workspace
ENV LISTEN_ADDRESS=0.0.0.0:8080 WORKSPACE_DIR=/workspace
EXPOSE 8080
ENTRYPOINT ["ai-coder"]
