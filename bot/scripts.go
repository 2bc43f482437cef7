package bot

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
	announceScript = script("announce")
	depthScript    = script("depth")
	doneScript     = script("done")
	forgetScript   = script("forget")
	parkScript     = script("park")
	putScript      = script("put")
	putOffScript   = script("putoff")
	sweepScript    = script("sweep")
	unparkScript   = script("unpark")
)
