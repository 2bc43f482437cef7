package e2e

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store/redistest"
	"cbhbot/client/cbhemu"
)

// startAhead starts a process whose wall clock is ahead of the machine's by whole
// seconds: before its first instruction, the kernel's clock_gettime in its memory
// (vDSO, see vdso(7)) is written over with one that adds them. Its monotonic clock
// is as it was.
func startAhead(cmd *exec.Cmd, ahead time.Duration) error {
	runtime.LockOSThread() // the thread that starts a traced process traces it
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	pid := cmd.Process.Pid
	var stopped syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &stopped, 0, nil); err != nil {
		return fmt.Errorf("waiting for the process to stop at its start: %w", err)
	}
	at, err := clockGettime(pid)
	if err == nil {
		_, err = syscall.PtracePokeData(pid, at, clockAhead(ahead))
	}
	return errors.Join(err, syscall.PtraceDetach(pid))
}

// clockAhead is the machine code of a clock_gettime that asks the kernel and adds
// seconds to CLOCK_REALTIME.
func clockAhead(ahead time.Duration) []byte {
	code := []byte{
		0xb8, 228, 0, 0, 0, // mov eax, SYS_clock_gettime
		0x0f, 0x05, // syscall
		0x85, 0xff, // test edi, edi: CLOCK_REALTIME is 0
		0x75, 0x07, // jnz to the ret
		0x48, 0x81, 0x06, // add qword [rsi], the next four bytes
	}
	code = binary.LittleEndian.AppendUint32(code, uint32(int32(ahead/time.Second)))
	return append(code, 0xc3) // ret
}

// clockGettime is where the function is in a process.
func clockGettime(pid int) (uintptr, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, err
	}
	var from, to uintptr
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, "[vdso]") {
			_, err = fmt.Sscanf(line, "%x-%x", &from, &to)
		}
	}
	image := make([]byte, to-from)
	memory, fault := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if fault == nil {
		defer memory.Close()
		_, fault = memory.ReadAt(image, int64(from))
	}
	if err != nil || fault != nil {
		return 0, fmt.Errorf("reading the vDSO: %w", errors.Join(err, fault))
	}
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return 0, err
	}
	symbols, err := file.DynamicSymbols()
	for _, symbol := range symbols {
		if symbol.Name == "__vdso_clock_gettime" {
			return from + uintptr(symbol.Value), nil
		}
	}
	return 0, errors.Join(errors.New("the vDSO has no __vdso_clock_gettime"), err)
}

// setAhead sets the clock of a process that was started ahead, while it runs.
func setAhead(pid int, ahead time.Duration) error {
	at, err := clockGettime(pid)
	if err != nil {
		return err
	}
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer memory.Close()
	code := clockAhead(ahead)
	seconds := len(code) - 5 // stand before the ret
	_, err = memory.WriteAt(code[seconds:seconds+4], int64(at)+int64(seconds))
	return err
}

// TestASetClockMovesNoTime: whoever sets the clock of the machine, as NTP does where it was
// stopped for a while, changes no time that people type in that moment, and nobody is told that
// Redis' clock is wrong.
func TestASetClockMovesNoTime(t *testing.T) {
	t.Parallel()
	const rounds = 8
	w := newWorld(t, cbhemu.Options{Instances: bastions(rounds)})
	p := w.startAhead(time.Second)
	for n := range rounds {
		if err := setAhead(p.cmd.Process.Pid, time.Duration(1-n%2)*time.Hour); err != nil {
			t.Fatal(err)
		}
		typed := time.Now()
		w.typesIn(w.room(n), rita, fmt.Sprintf("upgrade bastion-%04d in 36 hours", n))
		w.untilRequest(int64(n+1), "a request", func(r *approvals.Request) bool { return r.ID > 0 })
		if at := w.request(int64(n + 1)).At; (at.Sub(typed) - 36*time.Hour).Abs() > 5*time.Minute {
			t.Errorf("%s: in 36 hours was read as %s", typed.UTC(), at)
		}
	}
	if strings.Contains(p.log.String(), "Redis' clock differs") {
		t.Error("Redis' clock is said to differ from others'")
	}
}

// TestAMachineThatWakesUpSendsNoCallOfBefore: it was suspended between the claim and the call,
// in which its monotonic clock stood still. Somebody else may have looked for the call meanwhile.
func TestAMachineThatWakesUpSendsNoCallOfBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	proxy := redistest.StartProxy(t, w.redis.Addr)
	p := w.startAhead(time.Second, "REDIS_URL="+proxy.URL())
	card := w.card("in 3 days at 2am")
	w.untilReadsAreOlderThan(2 * time.Second) // the call reads again
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(time.Second)})
	w.presses(ana, card, "Approve")
	w.untilRequest(1, "the approval", func(r *approvals.Request) bool { return r.State == approvals.Approved })
	proxy.Late(time.Second)
	w.untilRequest(1, "the claim", func(r *approvals.Request) bool { return r.Stage(0) == approvals.Executing })
	if err := setAhead(p.cmd.Process.Pid, time.Minute); err != nil {
		t.Fatal(err)
	}
	proxy.Late(0)
	w.once()
	if attempt := w.request(1).Items[0].Call.Attempt; attempt != 2 {
		t.Errorf("attempt %d was called", attempt)
	}
}
