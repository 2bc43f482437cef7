package approvals

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// change is what one commit writes.
type change struct {
	event   string  // the envelope's id, for a creation
	before  Request // zero for a creation
	after   Request
	effects []Effect
	entry   Entry
}

// create gives the request its number and stores it. A repeated event returns
// the request it made the first time; a held lock is a *BusyError.
func (s *Store) create(ctx context.Context, event string, build func(id int64) (Request, []Effect, Entry)) (Request, error) {
	id, err := s.reserve(ctx)
	if err != nil {
		return Request{}, err
	}
	return s.createAs(ctx, id, event, build)
}

// reserve takes the next number.
func (s *Store) reserve(ctx context.Context) (int64, error) {
	id, err := s.redis.Incr(ctx, s.keys.lastID()).Result()
	if err != nil {
		return 0, fmt.Errorf("numbering a request: %w", err)
	}
	return id, nil
}

// createAs is create with a number that was reserved.
func (s *Store) createAs(ctx context.Context, id int64, event string, build func(id int64) (Request, []Effect, Entry)) (Request, error) {
	request, effects, entry := build(id)
	err := s.commit(ctx, change{event: event, after: request, effects: effects, entry: entry})
	if asked, ok := err.(*askedError); ok {
		return s.Load(ctx, asked.id)
	}
	request.commit = 1
	return request, err
}

// commit writes a change if the record is still what it was. The audit chain is
// shared by all requests: losing the race for its end is no conflict, the entry
// is only chained again.
func (s *Store) commit(ctx context.Context, c change) error {
	end, err := s.head(ctx)
	for range headRetries {
		if err != nil {
			return err
		}
		entry := c.entry.chained(end)
		answer, fault := s.run(ctx, commitScript, s.commitKeys(c), s.commitArgs(c, end, entry)...)
		if fault != nil {
			return fmt.Errorf("committing %s: %w", c.after.Name(), fault)
		}
		if answer[0] != "head" {
			return verdict(answer)
		}
		end, err = parseHead(answer[1])
	}
	return fmt.Errorf("committing %s: the audit never stood still", c.after.Name())
}

// verdict turns the script's word into an error.
func verdict(answer []string) error {
	switch answer[0] {
	case "ok":
		return nil
	case "conflict":
		return ErrConflict
	}
	id, _ := strconv.ParseInt(answer[1], 10, 64)
	if answer[0] == "asked" {
		return &askedError{id: id}
	}
	return &BusyError{Holder: id}
}

func (s *Store) head(ctx context.Context) (head, error) {
	text, err := s.redis.Get(ctx, s.keys.head()).Result()
	if err != nil && err != redis.Nil {
		return head{}, fmt.Errorf("reading the audit head: %w", err)
	}
	return parseHead(text)
}

func (s *Store) commitKeys(c change) []string {
	k := s.keys
	names := []string{k.request(c.after.ID), k.asked(c.event), k.open(), k.timers(), k.effects(), k.audit(), k.head()}
	for _, index := range append(c.leaves(), c.enters()...) {
		names = append(names, k.index(index))
	}
	return names
}

func (s *Store) commitArgs(c change, end head, entry Entry) []any {
	now, later := split(append(c.effects, c.retention()...))
	args := []any{
		c.before.commit, c.after.ID, encode(c.after), c.holds(), c.letsGo(),
		end.String(), entry.head().String(), entry.json(),
		len(c.leaves()), c.after.CreatedAt.UnixMilli(), int(askedFor.Seconds()), len(now),
	}
	for _, effect := range now {
		args = append(args, encode(effect))
	}
	for _, effect := range later {
		args = append(args, encode(effect), effect.At.UnixMilli(), effect.rule())
	}
	return args
}

// Retention is how long a finished request is kept.
const Retention = 400 * 24 * time.Hour

// retention is the timer that forgets a request that has just ended.
func (c change) retention() []Effect {
	if c.after.State.Open() || !c.before.State.Open() {
		return nil
	}
	return []Effect{{Kind: Forget, Request: c.after.ID, At: c.after.ChangedAt.Add(Retention)}}
}

// rule says how a timer that is set already is treated: a watch keeps its
// earlier time, everything else takes the later word.
func (e Effect) rule() string {
	if e.Kind == Watch {
		return "LT"
	}
	return ""
}

func split(effects []Effect) (now, later []Effect) {
	for _, effect := range effects {
		if effect.At.IsZero() {
			now = append(now, effect)
		} else {
			later = append(later, effect)
		}
	}
	return now, later
}

func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // our own records always encode
	}
	return string(text)
}

// holds and letsGo keep the lock in step with the state and the instance.
func (c change) holds() string {
	if c.after.State.Open() {
		return c.after.Lock()
	}
	return ""
}

func (c change) letsGo() string {
	if c.before.ID == 0 || c.before.Lock() == c.holds() {
		return ""
	}
	return c.before.Lock()
}

func (c change) leaves() []string {
	if c.before.ID == 0 || c.before.State == c.after.State {
		return nil
	}
	return []string{IndexState(c.before.State)}
}

func (c change) enters() []string {
	r := c.after
	enters := []string{IndexState(r.State), IndexInstance(r.Target.Project, r.Target.ServerID)}
	if c.before.ID == 0 {
		enters = append(enters, IndexAll, IndexBy(r.Requester.ID))
	}
	return enters
}

// run runs a script whose answer is a list of words and, where asked for, waits
// until the write has reached the replicas.
func (s *Store) run(ctx context.Context, script *redis.Script, keys []string, args ...any) ([]string, error) {
	if s.replicas == 0 {
		return script.Run(ctx, s.redis, keys, args...).StringSlice()
	}
	node, err := s.node(ctx, keys[0])
	if err != nil {
		return nil, err
	}
	pipe := node.Pipeline()
	answer := script.Eval(ctx, pipe, keys, args...)
	reached := pipe.Do(ctx, "WAIT", s.replicas, waitReplica.Milliseconds())
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	if n, _ := reached.Int(); n < s.replicas {
		return nil, ErrReplicas
	}
	return answer.StringSlice()
}

// node is where a key lives: WAIT has to follow its write on one connection.
func (s *Store) node(ctx context.Context, key string) (redis.Cmdable, error) {
	if cluster, ok := s.redis.(*redis.ClusterClient); ok {
		return cluster.MasterForKey(ctx, key)
	}
	return s.redis, nil
}

// fire moves due timers to the effects stream and says how many there were.
func (s *Store) fire(ctx context.Context, now time.Time) (int, error) {
	const batch = 100
	return fireScript.Run(ctx, s.redis, []string{s.keys.timers(), s.keys.effects()}, now.UnixMilli(), batch).Int()
}

// arm sets a timer outside a commit.
func (s *Store) arm(ctx context.Context, effect Effect) error {
	return s.redis.ZAddLT(ctx, s.keys.timers(), redis.Z{Score: float64(effect.At.UnixMilli()), Member: encode(effect)}).Err()
}

// push adds effects outside a commit.
func (s *Store) push(ctx context.Context, effects ...Effect) error {
	for _, effect := range effects {
		err := s.redis.XAdd(ctx, &redis.XAddArgs{Stream: s.keys.effects(), Values: []string{"effect", encode(effect)}}).Err()
		if err != nil {
			return fmt.Errorf("asking for %s: %w", effect.Kind, err)
		}
	}
	return nil
}

// note appends an audit entry that changes no request.
func (s *Store) note(ctx context.Context, entry Entry) error {
	end, err := s.head(ctx)
	for range headRetries {
		if err != nil {
			return err
		}
		next := entry.chained(end)
		names := []string{s.keys.audit(), s.keys.head()}
		answer, fault := s.run(ctx, appendScript, names, end.String(), next.head().String(), next.json())
		if fault != nil {
			return fmt.Errorf("writing to the audit: %w", fault)
		}
		if answer[0] == "ok" {
			return nil
		}
		end, err = parseHead(answer[1])
	}
	return fmt.Errorf("writing to the audit: it never stood still")
}
