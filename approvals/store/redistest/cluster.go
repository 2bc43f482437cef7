package redistest

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

const allSlots = 16384

// Cluster is a Redis Cluster of three primaries.
type Cluster struct {
	Nodes []*Server

	t       testing.TB
	clients []redis.UniversalClient
}

// StartCluster runs the primaries, deals the slots out and waits until each of
// them finds the cluster whole. further are more redis-server arguments for each node.
func StartCluster(t testing.TB, further ...func(node int) []string) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	var buses []string
	for i := range 3 {
		bus := fmt.Sprint(FreePort(t))
		args := []string{"--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000"}
		for _, more := range further {
			args = append(args, more(i)...)
		}
		node := Start(t, args...)
		c.Nodes, c.clients, buses = append(c.Nodes, node), append(c.clients, node.Client()), append(buses, bus)
	}
	share := allSlots/len(c.Nodes) + 1
	for i := range c.Nodes {
		c.do(i, "CLUSTER", "ADDSLOTSRANGE", i*share, min((i+1)*share, allSlots)-1)
		host, port, _ := net.SplitHostPort(c.Nodes[i].Addr)
		c.do(0, "CLUSTER", "MEET", host, port, buses[i])
	}
	for i := range c.Nodes {
		Until(t, "the cluster to be whole", func() bool { return c.whole(i) })
	}
	return c
}

func (c *Cluster) do(node int, args ...any) any {
	c.t.Helper()
	answer, err := c.clients[node].Do(context.Background(), args...).Result()
	if err != nil {
		c.t.Fatalf("%v: %v", args, err)
	}
	return answer
}

func (c *Cluster) whole(node int) bool {
	info := fmt.Sprint(c.do(node, "CLUSTER", "INFO"))
	return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", len(c.Nodes)))
}

// Move moves the slot of a key, with all that is in it, to another primary, as
// redis-cli --cluster reshard does.
func (c *Cluster) Move(key string) {
	c.t.Helper()
	slot := c.do(0, "CLUSTER", "KEYSLOT", key)
	from := c.owner(slot.(int64))
	to := (from + 1) % len(c.Nodes)
	c.do(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", c.do(from, "CLUSTER", "MYID"))
	c.do(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", c.do(to, "CLUSTER", "MYID"))
	host, port, _ := net.SplitHostPort(c.Nodes[to].Addr)
	for {
		keys := c.do(from, "CLUSTER", "GETKEYSINSLOT", slot, 10).([]any)
		if len(keys) == 0 {
			break
		}
		c.do(from, append([]any{"MIGRATE", host, port, "", 0, 5000, "KEYS"}, keys...)...)
	}
	id := c.do(to, "CLUSTER", "MYID")
	for _, i := range []int{to, from, 3 - to - from} {
		c.do(i, "CLUSTER", "SETSLOT", slot, "NODE", id)
	}
}

// owner is the primary that serves a slot.
func (c *Cluster) owner(slot int64) int {
	c.t.Helper()
	ranges, err := c.clients[0].ClusterSlots(context.Background()).Result()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, r := range ranges {
		for i, node := range c.Nodes {
			if int64(r.Start) <= slot && slot <= int64(r.End) && r.Nodes[0].Addr == node.Addr {
				return i
			}
		}
	}
	c.t.Fatalf("nobody serves slot %d", slot)
	return 0
}

// URL is the cluster's REDIS_URL.
func (c *Cluster) URL() string {
	var hosts []string
	for _, node := range c.Nodes {
		hosts = append(hosts, node.Addr)
	}
	return "redis-cluster://" + strings.Join(hosts, ",")
}

// Client is closed when the test ends.
func (c *Cluster) Client() redis.UniversalClient {
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{c.Nodes[0].Addr}, ContextTimeoutEnabled: true})
	c.t.Cleanup(func() { client.Close() })
	return client
}
