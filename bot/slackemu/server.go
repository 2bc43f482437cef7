package slackemu

import (
	"io"
	"math/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// Options says what the workspace looks like and how strictly it behaves. The zero value is a usable workspace:
// every field has a default.
type Options struct {
	// BaseURL is the scheme and host under which others reach the server, for the socket's address and for
	// response_url. Default: taken from the Host of each request.
	BaseURL string
	// Now is the clock behind timestamps and expiry. Default: time.Now. The three seconds in which an app must
	// acknowledge are always real seconds (see AckTimeout).
	Now func() time.Time

	Users    []User      // default: DefaultUsers
	Channels []Channel   // default: DefaultChannels
	Groups   []UserGroup // default: DefaultGroups

	BotToken string    // default: BotToken
	AppToken string    // default: AppToken
	TeamID   string    // default: TeamHome
	AppID    string    // default: AppID
	Manifest *Manifest // the app's; default: OwnManifest
	Scopes   []string  // what the bot token may do; default: all that the manifest asks for
	// AppScopes is what the app-level token may do. Default: open sockets.
	AppScopes []string
	Grid      Grid // the organisation that the workspace belongs to; default: none

	// RateLimits turns on Slack's documented limits for each method (see ratelimit.go).
	RateLimits bool

	Seed         int64           // of every random choice; 0 is a seed like any other
	AckTimeout   time.Duration   // default 3 s
	PingInterval time.Duration   // between WebSocket pings to the app; default 5 s
	WarningLead  time.Duration   // from a disconnect warning to the disconnect; default 10 s
	RetryDelays  []time.Duration // before each repetition of an unacknowledged event; default 0, 1 min, 5 min

	Log logrus.FieldLogger // default: discards everything
	// Tap is told each frame that passes a socket, in its order there, and may not call the workspace; default: nobody is.
	Tap func(Frame)

	// OnMessage is told of every message as it is posted, while the workspace stands still: it returns at once and
	// calls nothing of the server. May be nil.
	OnMessage func(Message)

	// Placeholder is shown in the page's empty composer; default: the manifest's first command.
	Placeholder string
	// Hints returns what may follow a command, for the page's composer to offer while somebody types, in the language of a
	// locale such as zh-CN (nil: nothing).
	Hints func(locale string) []Hint
	// Panel is a part of the page that belongs to whoever embeds the server (nil: none). It is served below /_panel/ with
	// that prefix taken off. The page loads panel.css and the module panel.js from there, which exports
	// mount(element, page); what page offers stands in page/panel.js.
	Panel http.Handler
}

// Hint is a way to go on behind a slash command.
type Hint struct {
	Command string `json:"command"` // such as /cbh
	Usage   string `json:"usage"`   // begins with the word that is typed: "cancel <request> [-- reason]"
	Help    string `json:"help"`
}

// Server is the workspace. Make one with New and end it with Close.
type Server struct {
	opts Options
	mux  *http.ServeMux
	log  logrus.FieldLogger
	born string        // tells this workspace from one that was there before it
	done chan struct{} // closed by Close
	end  sync.Once

	mu       sync.Mutex // guards everything below
	random   *rand.Rand
	version  int
	changed  chan struct{} // closed and replaced at each change
	lastTS   int64         // microseconds of the latest timestamp handed out
	serial   int           // of the latest id handed out
	users    map[string]*User
	userIDs  []string
	channels map[string]*Channel
	chanIDs  []string
	groups   []UserGroup
	messages map[string][]*Message // by channel, oldest first
	removed  []removal             // what is not among them any more, oldest first

	revoked   map[string]bool     // tokens
	offline   bool                // Socket Mode is switched off
	tickets   map[string]ticket   // one-time socket tickets
	sockets   []*socket           // registered at Slack, dead ones included
	past      []Socket            // no longer registered, oldest first
	pending   map[string]*pending // unanswered deliveries by envelope id
	history   []Delivery          // answered or overdue ones, oldest first
	triggers  map[string]*trigger
	replies   map[string]*replyURL
	views     map[string]*panel   // modals and home tabs by view id
	modals    map[string][]string // each person's open modals, bottom first
	homes     map[string]string   // each person's home tab
	inputs    map[inputKey]object
	reachedAt string // scheme and host under which the app last asked for a socket
	faults    Faults
	failed    map[string]int // how often each method's fault struck
	buckets   map[string]*bucket
	calls     []Call

	triggersFull, repliesFull int // how many there are when lapsed ones are forgotten
}

// New makes a workspace.
func New(opts Options) *Server {
	opts = withDefaults(opts)
	s := &Server{
		opts: opts, log: opts.Log, born: strconv.FormatInt(time.Now().UnixNano(), 36), done: make(chan struct{}),
		random: rand.New(rand.NewSource(opts.Seed)), changed: make(chan struct{}),
		users: map[string]*User{}, channels: map[string]*Channel{}, messages: map[string][]*Message{},
		revoked: map[string]bool{}, tickets: map[string]ticket{}, pending: map[string]*pending{}, triggers: map[string]*trigger{},
		replies: map[string]*replyURL{}, views: map[string]*panel{}, modals: map[string][]string{},
		homes: map[string]string{}, inputs: map[inputKey]object{}, failed: map[string]int{}, buckets: map[string]*bucket{},
	}
	s.populate()
	s.mux = s.routes()
	return s
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method...}", s.serveMethod)
	mux.HandleFunc("/link/", s.serveSocket)
	mux.HandleFunc("POST /response/{team}/{id}/{secret}", s.serveResponse)
	s.routePage(mux)
	return mux
}

// ServeHTTP serves the app and the page. The Date of every answer is that of the workspace's clock.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
	s.mux.ServeHTTP(w, r)
}

// Close ends every socket with a close frame and stops repeating events. It does not wait for the app.
func (s *Server) Close() {
	s.end.Do(func() { close(s.done) })
	for _, k := range s.registered() {
		s.retire(k, closedByServer)
		k.close()
	}
}

func withDefaults(o Options) Options {
	o = withDefaultNames(o)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AckTimeout <= 0 {
		o.AckTimeout = 3 * time.Second
	}
	if o.PingInterval <= 0 {
		o.PingInterval = 5 * time.Second
	}
	if o.WarningLead <= 0 {
		o.WarningLead = 10 * time.Second
	}
	if o.RetryDelays == nil {
		o.RetryDelays = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	if o.Tap == nil {
		o.Tap = func(Frame) {}
	}
	if o.OnMessage == nil {
		o.OnMessage = func(Message) {}
	}
	if o.Log == nil {
		quiet := logrus.New()
		quiet.SetOutput(io.Discard)
		o.Log = quiet
	}
	return o
}

func withDefaultNames(o Options) Options {
	orElse := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	orElse(&o.BotToken, BotToken)
	orElse(&o.AppToken, AppToken)
	orElse(&o.TeamID, TeamHome)
	orElse(&o.AppID, AppID)
	if o.Manifest == nil {
		own := OwnManifest()
		o.Manifest = &own
	}
	orElse(&o.Placeholder, o.Manifest.Placeholder())
	if o.Users == nil {
		o.Users = DefaultUsers()
	}
	if o.Channels == nil {
		o.Channels = DefaultChannels()
	}
	if o.Groups == nil {
		o.Groups = DefaultGroups()
	}
	if o.Scopes == nil {
		o.Scopes = o.Manifest.AllScopes()
	}
	if o.AppScopes == nil {
		o.AppScopes = []string{appScope}
	}
	return o
}

// base is the address under which the sender of r reaches the server.
func (s *Server) base(r *http.Request) *url.URL {
	if u, err := url.Parse(strings.TrimSuffix(s.opts.BaseURL, "/")); err == nil && u.Host != "" {
		return u
	}
	u := &url.URL{Scheme: "http", Host: "localhost"}
	if r != nil && r.Host != "" {
		u.Host = r.Host
	}
	if r != nil && r.TLS != nil {
		u.Scheme = "https"
	}
	return u
}
