package bench

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
)

var pictures = flag.String("pictures", "", "`folder` for the profiles and their pictures (default: one that is thrown away)")

// profiledFor is how long the CPU is sampled, in seconds.
const profiledFor = 8

// profiled are the scenarios whose profiles are taken; they last longer than that.
var profiled = []scenario{
	{name: "ack32", play: acks(32, 6000, 300)},
	{name: "flow16", play: flow(16, 2500, 60)},
}

// BenchmarkProfile runs a build with the tag "profile", and draws where it spends
// time, memory and waiting.
func BenchmarkProfile(b *testing.B) {
	dir := *pictures
	if dir == "" {
		dir = b.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	binary := filepath.Join(dir, "cbhbot")
	if out, err := exec.Command("go", "build", "-tags", "profile", "-o", binary, "cbhbot/cmd/cbhbot").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for _, s := range profiled {
		b.Run(s.name, func(b *testing.B) {
			address := fmt.Sprintf("127.0.0.1:%d", redistest.FreePort(b))
			c := contender{name: ours, command: []string{binary, "run"}, env: []string{"CBHBOT_PROFILE=" + address}}
			done := make(chan error, 1)
			cpu := filepath.Join(dir, s.name+"-cpu")
			go func() {
				done <- fetch(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, profiledFor), cpu)
			}()
			s.play(newRig(b, s.slow), c)
			if err := <-done; err != nil {
				b.Fatal(err)
			}
			draw(b, binary, cpu)
			for _, kind := range []string{"allocs", "heap", "block"} {
				file := filepath.Join(dir, s.name+"-"+kind)
				if err := fetch("http://"+address+"/debug/pprof/"+kind, file); err != nil {
					b.Fatal(err)
				}
				draw(b, binary, file)
			}
		})
	}
}

// fetch keeps a profile, once the program serves any.
func fetch(url, file string) error {
	var answer *http.Response
	var err error
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if answer, err = http.Get(url); err == nil || time.Now().After(end) {
			break
		}
	}
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, answer.Status, text)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(file+".pprof", text, 0o644)
}

// draw makes a picture of a profile and a list of what is largest in it, and prints
// the beginning of the list.
func draw(b *testing.B, binary, file string) {
	b.Helper()
	for _, form := range []string{"svg", "top"} {
		command := exec.Command("go", "tool", "pprof", "-"+form, "-nodecount", "60", "-output", file+"."+form, binary, file+".pprof")
		if out, err := command.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
	top, err := os.ReadFile(file + ".top")
	if err != nil {
		b.Fatal(err)
	}
	lines := strings.Split(string(top), "\n")
	fmt.Printf("\n%s\n%s\n", filepath.Base(file), strings.Join(lines[:min(len(lines), 16)], "\n"))
}
