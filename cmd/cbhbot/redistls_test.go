package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store/redistest"
	"cbhbot/cmd/cbhbot/check"
)

// trusting opens a REDIS_URL with the test's CA in the place of the system's.
func trusting(t *testing.T, ca *redistest.CA, url string) redis.UniversalClient {
	t.Helper()
	options, err := redisOptions(url)
	if err != nil {
		t.Fatal(err)
	}
	options.TLSConfig.RootCAs = ca.Roots
	client := redis.NewUniversalClient(options)
	t.Cleanup(func() { client.Close() })
	return client
}

// misnamed reports whether an error is a certificate for another name.
func misnamed(err error) bool {
	var wrong x509.HostnameError
	return errors.As(err, &wrong)
}

func TestTLSOfOneServer(t *testing.T) {
	t.Parallel()
	ca, port := redistest.NewCA(t), redistest.FreePort(t)
	redistest.Start(t, ca.TLS(port, "localhost")...)
	ctx := context.Background()
	if err := trusting(t, ca, fmt.Sprintf("rediss://localhost:%d/0", port)).Ping(ctx).Err(); err != nil {
		t.Error(err)
	}
	if err := trusting(t, ca, fmt.Sprintf("rediss://127.0.0.1:%d/0", port)).Ping(ctx).Err(); !misnamed(err) {
		t.Errorf("a certificate for localhost was taken for 127.0.0.1: %v", err)
	}
}

// everywhere writes to every node of a cluster and returns how many keys are
// there, and the first error. It ends with the first key behind a node that refused one.
func everywhere(client redis.UniversalClient) (kept int, first error) {
	for i := 0; i < 60 && (first == nil || kept == 0); i++ {
		err := client.Set(context.Background(), fmt.Sprint("key", i), i, 0).Err()
		if err == nil {
			kept++
		} else if first == nil {
			first = err
		}
	}
	return kept, first
}

// addressed is a cluster whose nodes are announced as 127.0.0.1, .2 and .3; each
// has a certificate for the address that names says.
func addressed(t *testing.T, ca *redistest.CA, names ...string) (url string) {
	t.Helper()
	port := redistest.FreePort(t)
	redistest.StartCluster(t, func(i int) []string {
		own := fmt.Sprintf("127.0.0.%d", i+1)
		args := ca.TLS(redistest.FreePort(t), names[i])
		if i == 0 {
			args = ca.TLS(port, names[i])
		}
		args = append(args, "--tls-cluster", "yes", "--cluster-announce-ip", own, "--bind")
		return append(args, slices.Compact([]string{"127.0.0.1", own})...)
	})
	return fmt.Sprintf("rediss-cluster://127.0.0.1:%d", port)
}

func TestTLSOfAClusterThatAnnouncesAddresses(t *testing.T) {
	t.Parallel()
	ca := redistest.NewCA(t)
	client := trusting(t, ca, addressed(t, ca, "127.0.0.1", "127.0.0.2", "127.0.0.3"))
	redistest.Until(t, "the whole cluster to be reached", func() bool {
		kept, _ := everywhere(client)
		return kept == 60
	})
}

// Every node has to show its own name, and not only the first.
func TestANodeWithTheCertificateOfAnotherIsRefused(t *testing.T) {
	t.Parallel()
	ca := redistest.NewCA(t)
	client := trusting(t, ca, addressed(t, ca, "127.0.0.1", "127.0.0.2", "127.0.0.1"))
	redistest.Until(t, "one node to be refused and the others to be taken", func() bool {
		kept, err := everywhere(client)
		return misnamed(err) && kept > 0
	})
}

func TestTLSOfAClusterThatAnnouncesNames(t *testing.T) {
	t.Parallel()
	ca, port := redistest.NewCA(t), redistest.FreePort(t)
	redistest.StartCluster(t, func(i int) []string {
		args := ca.TLS(redistest.FreePort(t), "localhost")
		if i == 0 {
			args = ca.TLS(port, "localhost")
		}
		return append(args, "--tls-cluster", "yes",
			"--cluster-announce-hostname", "localhost", "--cluster-preferred-endpoint-type", "hostname")
	})
	client := trusting(t, ca, fmt.Sprintf("rediss-cluster://localhost:%d", port))
	redistest.Until(t, "the whole cluster to be reached", func() bool {
		kept, _ := everywhere(client)
		return kept == 60
	})
}

// guarded is a primary on 127.0.0.1 and a Sentinel on 127.0.0.2, both with TLS
// and passwords.
func guarded(t *testing.T, ca *redistest.CA, primaryName string) (hosts string) {
	t.Helper()
	port, own := redistest.FreePort(t), redistest.FreePort(t)
	redistest.Start(t, append(ca.TLS(port, primaryName), "--requirepass", "redis-secret")...)
	args := append(ca.TLS(own, "127.0.0.2"), "--tls-replication", "yes", "--bind", "127.0.0.1", "127.0.0.2", "--requirepass", "sentinel-secret")
	args = append(args, "--sentinel", "auth-pass", redistest.MasterName, "redis-secret")
	redistest.StartSentinel(t, fmt.Sprintf("127.0.0.1:%d", port), args...)
	return fmt.Sprintf("127.0.0.2:%d/%s", own, redistest.MasterName)
}

func TestTLSAndAPasswordOfSentinels(t *testing.T) {
	t.Parallel()
	ca, ctx := redistest.NewCA(t), context.Background()
	hosts := guarded(t, ca, "127.0.0.1")
	if err := trusting(t, ca, "rediss-sentinel://:redis-secret@"+hosts+"?sentinel_password=sentinel-secret").Ping(ctx).Err(); err != nil {
		t.Error(err)
	}
	for _, query := range []string{"", "?sentinel_password=redis-secret"} {
		client := trusting(t, ca, "rediss-sentinel://:redis-secret@"+hosts+query)
		redistest.Until(t, "what is missing to be said with "+query, func() bool { // a busy machine's Sentinel is not reached at once
			err := check.Settings{Redis: client, RedisTLS: true, Sentinels: true}.Reach(ctx)
			return err != nil && strings.Contains(err.Error(), "/MASTER?sentinel_username=…&sentinel_password=…")
		})
	}
}

func TestAPrimaryWithTheCertificateOfItsSentinelIsRefused(t *testing.T) {
	t.Parallel()
	ca := redistest.NewCA(t)
	url := "rediss-sentinel://:redis-secret@" + guarded(t, ca, "127.0.0.2") + "?sentinel_password=sentinel-secret"
	if err := trusting(t, ca, url).Ping(context.Background()).Err(); !misnamed(err) {
		t.Errorf("it was taken: %v", err)
	}
}

func TestASentinelsPasswordIsNotShown(t *testing.T) {
	_, err := openRedis("redis-sentinel://ho st/m?sentinel_password=secret-3")
	if err == nil || strings.Contains(err.Error(), "secret-3") {
		t.Error(err)
	}
	options, err := redisOptions("redis-sentinel://u:p@h:1/m?sentinel_username=s&sentinel_password=a%2Bb")
	if err != nil || options.SentinelUsername != "s" || options.SentinelPassword != "a+b" || options.Username != "u" || options.Password != "p" {
		t.Errorf("%+v, %v", options, err)
	}
}
