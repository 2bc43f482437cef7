# The image of a release, from the programs that .goreleaser.yaml built; deploy/Dockerfile builds one from source.
ARG BASE=gcr.io/distroless/static-debian12:nonroot
FROM ${BASE}
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/cbhbot /cbhbot
# A user without rights, by number, so that Kubernetes can check it.
USER 65532:65532
ENV CBHBOT_LISTEN=0.0.0.0:9090
EXPOSE 9090
HEALTHCHECK --interval=10s --timeout=3s CMD ["/cbhbot", "health"]
ENTRYPOINT ["/cbhbot"]
CMD ["run"]
