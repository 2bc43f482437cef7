// Package deploy holds what the program carries of the folder's files: the manifest of
// the Slack app.
package deploy

import _ "embed"

// SlackManifest is slack-manifest.yaml.
//
//go:embed slack-manifest.yaml
var SlackManifest []byte
