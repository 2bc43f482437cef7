package deploytest

import (
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// composed is the compose file as the loader of Docker Compose reads it, which refuses what
// the specification does not have.
func composed(t *testing.T) *types.Project {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "env"), read(t, filepath.Join(top, "deploy/env.example")))
	file := types.ConfigFile{Filename: filepath.Join(dir, "compose.yaml"), Content: []byte(read(t, filepath.Join(top, "deploy/compose.yaml")))}
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{WorkingDir: dir, ConfigFiles: []types.ConfigFile{file}},
		func(o *loader.Options) { o.SetProjectName("cbhbot", true) })
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestTheComposeFileIsWhatComposeKnows(t *testing.T) {
	project := composed(t)
	bot, redis := project.Services["cbhbot"], project.Services["redis"]
	if n := *bot.Deploy.Replicas; n != 2 {
		t.Errorf("%d bots", n)
	}
	if url := bot.Environment["REDIS_URL"]; url == nil || *url != "redis://redis:6379/0" {
		t.Errorf("the bots use another Redis than that of the file: %v", bot.Environment)
	}
	if project.Volumes == nil || redis.Volumes[0].Target != "/data" || redis.Volumes[0].Source != "redis" {
		t.Errorf("what Redis writes is not kept: %+v", redis.Volumes)
	}
	if bot.DependsOn["redis"].Condition != types.ServiceConditionHealthy || redis.HealthCheck == nil {
		t.Error("the bots do not wait for Redis")
	}
}
