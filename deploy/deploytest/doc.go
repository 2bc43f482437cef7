// Package deploytest exercises what the program is shipped as, with the real tools: the
// chart with Helm and Kubernetes' types, the release with GoReleaser, the packages with
// dpkg and rpm, the images with Buildah, the unit with systemd, the compose file with
// Compose's loader. It is a module of its own, so that those are not the program's.
package deploytest
