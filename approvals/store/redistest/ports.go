package redistest

import (
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
)

// Ports lie below those that the system takes for outgoing connections, which could take
// a free one back. Tests in other processes want some at the same time, so each process
// takes blocks of them for itself.
const (
	firstPort = 10_000
	inBlock   = 100
	blocks    = 200
)

// ports are those of this process's latest block that it has not tried.
var ports struct {
	sync.Mutex
	next, end int
	taken     []net.Listener // on the first port of each block, for as long as the process lives
}

// FreePort finds a port that nobody listens on, each one once.
func FreePort(t testing.TB) int {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for {
		if ports.next == ports.end {
			takeBlock(t)
		}
		port := ports.next
		ports.next++
		if listener, err := listen(port); err == nil {
			listener.Close()
			return port
		}
	}
}

// takeBlock takes a block that no other process has.
func takeBlock(t testing.TB) {
	t.Helper()
	for i := range blocks {
		first := firstPort + (os.Getpid()+i)%blocks*inBlock
		if listener, err := listen(first); err == nil {
			ports.next, ports.end, ports.taken = first+1, first+inBlock, append(ports.taken, listener)
			return
		}
	}
	t.Fatal("no port is free")
}

func listen(port int) (net.Listener, error) {
	return net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
}
