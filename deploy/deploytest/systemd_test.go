package deploytest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// inside is what is done on the machine once it has started. It waits for the bot to be
// connected, has it read its policy again, stops it, and tells.
const inside = `say() { echo "$1: $2"; }
ready() { (exec 3<>/dev/tcp/$LISTEN; printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3; head -1 <&3) 2>/dev/null; }
systemctl enable --now cbhbot.service
for try in $(seq 300); do case "$(ready)" in *200*) break ;; esac; sleep 0.2; done
say ready "$(ready)"
say health "$(cbhbot health)"
say uid "$(systemctl show --value -p UID cbhbot.service)"
systemctl reload cbhbot.service
say state "$(systemctl show --value -p ActiveState -p NRestarts cbhbot.service | paste -sd ' ')"
systemctl stop cbhbot.service
say result "$(systemctl show --value -p Result cbhbot.service)"
say kept "$(stat -c '%A %u' /var/lib/private/cbhbot)"
journalctl -u cbhbot.service -o cat
dpkg --remove cbhbot
say removed "$(systemctl show --value -p LoadState cbhbot.service)"
systemctl poweroff
`

// TestSystemdRunsTheBot on a Debian that is started for it: the package is installed, the
// unit reaches the emulators and a Redis through all that it is kept from, and stops well.
func TestSystemdRunsTheBot(t *testing.T) {
	root := filepath.Join(t.TempDir(), "debian")
	run(t, "/", "debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,procps,ca-certificates", "bookworm", root)
	run(t, root, "cp", one(t, "Linux Package", "linux/amd64", ".deb"), "tmp/cbhbot.deb")
	run(t, root, "chroot", root, "dpkg", "--install", "/tmp/cbhbot.deb")
	listen := freeAddress(t)
	settings := append(emulators(t),
		"REDIS_URL=redis://"+redis(t), "CBHBOT_LISTEN="+listen, "CBHBOT_APPROVERS=U0ANA")
	write(t, filepath.Join(root, "etc/cbhbot/env"), strings.Join(settings, "\n")+"\n")
	write(t, filepath.Join(root, "try.sh"), inside)
	write(t, filepath.Join(root, "etc/systemd/system/try.service"), fmt.Sprintf(
		"[Service]\nType=oneshot\nEnvironment=LISTEN=%s CBHBOT_LISTEN=%s\nStandardOutput=file:/told\nStandardError=inherit\nExecStart=/bin/bash /try.sh\n"+
			"[Install]\nWantedBy=multi-user.target\n", strings.Replace(listen, ":", "/", 1), listen))
	run(t, root, "chroot", root, "systemctl", "enable", "try.service")
	run(t, root, "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--console=pipe", "--directory="+root, "--boot")
	told := read(t, filepath.Join(root, "told"))
	// A user that systemd makes up has a number from 61184 on.
	for _, want := range []string{"ready: HTTP/1.0 200", "health: ok\n", "uid: 6", "state: 0 active\n", "result: success\n", "kept: drwx------ 6", "cbhbot has stopped", "removed: not-found\n"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in\n%s", want, told)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// redis starts one that is empty, and ends it with the test.
func redis(t *testing.T) string {
	t.Helper()
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	started(t, "redis-server", "--port", port, "--save", "", "--dir", t.TempDir())
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return address
		}
	}
	t.Fatal("Redis does not start")
	return ""
}

// emulators are a workspace and a cloud, as the released program itself serves them, and
// the settings that lead to them.
func emulators(t *testing.T) []string {
	t.Helper()
	out := started(t, one(t, "Binary", "linux/amd64", "cbhbot"), "sandbox", "--only", "slack", "--port", "0", "--now", time.Now().Format(time.RFC3339))
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + strings.TrimSpace(line[strings.LastIndex(line, "/")+1:])
	return []string{
		"SLACK_API_URL=" + base + "/api/", "CBH_ENDPOINT=" + base, "IAM_ENDPOINT=" + base,
		"SLACK_BOT_TOKEN=xoxb-0-slackemu", "SLACK_APP_TOKEN=xapp-1-A0CBH-0-slackemu",
		"CBH_PROJECT_ID=0a1b2c3d4e5f60718293a4b5c6d7e8f9", "CBH_IAM_USER=cbhbot", "CBH_IAM_PASSWORD=sandbox-password", "CBH_IAM_DOMAIN=sandbox",
	}
}

// started runs a program until the test ends.
func started(t *testing.T, name string, args ...string) *os.File {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout = write
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		cmd.Wait()
		read.Close()
	})
	return read
}
