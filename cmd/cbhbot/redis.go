package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

// openRedis connects to what REDIS_URL names:
//
//	redis://[user:password@]host:port[/db]          one server (rediss:// with TLS)
//	redis://host:port,host:port                     a cluster
//	redis-cluster://host:port[,host:port]           a cluster
//	redis-sentinel://host:port[,host:port]/MASTER[/db]   a master that Sentinels know
//	    [?sentinel_username=…&sentinel_password=…]       and what the Sentinels want
//
// "redis+cluster" and "redis+sentinel" mean the same, and "master_name" may
// also be a query parameter. With TLS, each server has to show a certificate for
// the name or address under which it is dialled: those of the URL, and those
// that the cluster or the Sentinels announce.
func openRedis(text string) (redis.UniversalClient, error) {
	options, err := redisOptions(text)
	if err != nil {
		return nil, err
	}
	client := redis.NewUniversalClient(options)
	client.AddHook(&pipelining{client: client})
	return client, nil
}

// overTLS reports whether a REDIS_URL is for Redis over TLS.
func overTLS(url string) bool { return strings.HasPrefix(url, "rediss") }

// viaSentinels reports whether a REDIS_URL is for a primary that Sentinels know.
func viaSentinels(url string) bool {
	options, err := redisOptions(url)
	return err == nil && options.MasterName != ""
}

func redisOptions(text string) (*redis.UniversalOptions, error) {
	first, others := splitHosts(text)
	u, err := url.Parse(first)
	noURL := fmt.Errorf("REDIS_URL is no URL such as redis://127.0.0.1:6379/0%s", encoded) // the text may hold a password
	if err != nil || !strings.Contains(text, "://") {
		return nil, noURL
	}
	scheme, kind, _ := strings.Cut(strings.Replace(u.Scheme, "+", "-", 1), "-")
	if scheme != "redis" && scheme != "rediss" {
		return nil, fmt.Errorf("REDIS_URL begins with %q, not with redis://, redis-sentinel:// or redis-cluster://, or the same with rediss for TLS", u.Scheme)
	}
	if u.Host == "" {
		return nil, noURL
	}
	options := &redis.UniversalOptions{
		Addrs: hosts(u, others), Username: u.User.Username(), MasterName: u.Query().Get("master_name"),
		SentinelUsername: u.Query().Get("sentinel_username"), SentinelPassword: u.Query().Get("sentinel_password"),
		IsClusterMode: kind == "cluster", ContextTimeoutEnabled: true,
	}
	options.Password, _ = u.User.Password()
	for name := range u.Query() {
		if !slices.Contains([]string{"addr", "master_name", "sentinel_username", "sentinel_password"}, name) {
			return nil, fmt.Errorf("REDIS_URL: ?sentinel_username=…&sentinel_password=… is all that can stand behind the ?; TLS is rediss://, and a database is /1 behind the host%s", encoded)
		}
	}
	tune(options)
	if scheme == "rediss" {
		// Without a ServerName each connection verifies the host that it dials.
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return options, path(u, kind, options)
}

// tune makes room for all workers at once, in one pool, and bounds every wait. As
// many connections as a burst needs are kept for the next. Their buffers are small: what
// is read and written is, and there are many. RESP3 has pushes, of which the program needs
// none and for which the client looks before each answer.
func tune(options *redis.UniversalOptions) {
	options.Protocol = 2
	options.PoolSize, options.ConnMaxIdleTime = 128, 5*time.Minute
	options.MinIdleConns, options.MaxIdleConns = 2, 32
	options.PoolTimeout, options.DialTimeout = 2*time.Second, 2*time.Second
	options.ReadTimeout, options.WriteTimeout = 3*time.Second, 2*time.Second
	options.PipelinePoolSize = -1
	options.ReadBufferSize, options.WriteBufferSize = 4<<10, 4<<10
}

// splitHosts takes all hosts but the first out of the URL: a URL proper has one.
func splitHosts(text string) (first string, others []string) {
	scheme, _, ok := strings.Cut(text, "://")
	if !ok {
		return text, nil
	}
	start, end := len(scheme)+len("://"), len(text)
	if i := strings.IndexAny(text[start:], "/?"); i >= 0 {
		end = start + i
	}
	start += strings.LastIndex(text[start:end], "@") + 1
	list := strings.Split(text[start:end], ",")
	return text[:start] + list[0] + text[end:], list[1:]
}

func hosts(u *url.URL, others []string) []string {
	all := append([]string{u.Host}, others...)
	all = append(all, u.Query()["addr"]...)
	for i, host := range all {
		if !strings.Contains(host[strings.LastIndex(host, "]")+1:], ":") { // an IPv6 address has colons of its own, in brackets
			all[i] = host + ":6379"
		}
	}
	return all
}

// path reads what follows the hosts: a database, or a master's name.
func path(u *url.URL, kind string, options *redis.UniversalOptions) error {
	parts := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	if kind == "sentinel" && len(parts) > 0 {
		options.MasterName, parts = parts[0], parts[1:]
	}
	if kind == "sentinel" && options.MasterName == "" {
		return fmt.Errorf("REDIS_URL names no master: redis-sentinel://host:port,host:port/MASTER")
	}
	if len(parts) == 0 {
		return nil
	}
	db, err := strconv.ParseUint(parts[0], 10, 16)
	if err != nil {
		return fmt.Errorf("REDIS_URL: behind the host stands something else than the number of a database, as in redis://127.0.0.1:6379/0%s", encoded)
	}
	if db > 0 && (kind == "cluster" || len(options.Addrs) > 1 && options.MasterName == "") {
		return fmt.Errorf("REDIS_URL: a Redis Cluster has no database but 0: leave out /%d, and give each deployment a cluster of its own", db)
	}
	options.DB = int(db)
	return nil
}

// encoded is what is wrong with many a URL.
const encoded = "; in a password, / ? # @ % [ ] are written %2F %3F %23 %40 %25 %5B %5D, and an IPv6 address stands in [ ]"

// redisLog takes what go-redis says about its connections. Whoever needed Redis
// reports the failure, so that it is for debugging only.
type redisLog struct{ log logrus.FieldLogger }

func (r redisLog) Printf(_ context.Context, format string, v ...any) { r.log.Debugf(format, v...) }
