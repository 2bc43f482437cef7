package audit

import (
	_ "embed"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed mirror.lua
	mirrorSource string
	//go:embed seal.lua
	sealSource string
	//go:embed state.lua
	stateSource string
	//go:embed trim.lua
	trimSource string

	mirrorScript = redis.NewScript(mirrorSource)
	sealScript   = redis.NewScript(sealSource)
	stateScript  = redis.NewScript(stateSource)
	trimScript   = redis.NewScript(trimSource)
)

// Stream is the key of the stream that entries are appended to.
func Stream(prefix string) string { return keys(prefix).waiting() }

// keys builds the names of everything the audit keeps in Redis.
type keys string

func (k keys) waiting() string { return string(k) + "audit:new" }
func (k keys) sealed() string  { return string(k) + "audit" }
func (k keys) head() string    { return string(k) + "audit:head" }
func (k keys) anchor() string  { return string(k) + "audit:anchor" }

func (k keys) mirrored(name string) string  { return string(k) + "mirrored:" + name }
func (k keys) mirroring(name string) string { return string(k) + "mirroring:" + name }
