// Package file reads the policy file: who may do what to which instance,
// and which cloud projects there are, in YAML.
//
// Read checks strictly and reports everything that is wrong at once, each
// problem with its line. A Keeper holds the policy in force, takes up changes of
// the file, and keeps what it has when the file has become bad.
//
// Credentials are never in the file: it names environment variables.
package file
