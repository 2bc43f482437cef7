package audit

import (
	"embed"

	"github.com/redis/go-redis/v9"
)

//go:embed *.lua
var sources embed.FS

func script(name string) *redis.Script {
	text, err := sources.ReadFile(name + ".lua")
	if err != nil {
		panic(err) // embedded above
	}
	return redis.NewScript(string(text))
}

var (
	mirrorScript = script("mirror")
	sealScript   = script("seal")
	stateScript  = script("state")
	trimScript   = script("trim")
)

// Stream is the key of the stream that entries are appended to.
func Stream(prefix string) string { return keys(prefix).waiting() }

// keys builds the names of everything the audit keeps in Redis.
type keys string

func (k keys) waiting() string { return string(k) + "audit:new" }
func (k keys) sealed() string  { return string(k) + "audit" }
func (k keys) head() string    { return string(k) + "audit:head" }
func (k keys) anchor() string  { return string(k) + "audit:anchor" }
func (k keys) sealing() string { return string(k) + "audit:sealing" }
func (k keys) trimmed() string { return string(k) + "audit:trimmed" }

func (k keys) mirrored(name string) string  { return string(k) + "mirrored:" + name }
func (k keys) mirroring(name string) string { return string(k) + "mirroring:" + name }
