package slackemu

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"time"
)

//go:embed page
var pageFiles embed.FS

// routePage serves the page at "/", its files and its own API below /_page/.
func (s *Server) routePage(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	serve := http.FileServerFS(files)
	mux.Handle("GET /{$}", secured(serve))
	mux.Handle("GET /_page/files/", secured(http.StripPrefix("/_page/files/", serve)))
	mux.HandleFunc("GET /_page/state", s.servePageState)
	mux.HandleFunc("GET /_page/changes", s.serveChanges)
	if s.opts.Panel != nil {
		mux.Handle("/_panel/", secured(http.StripPrefix("/_panel", s.opts.Panel)))
	}
	acts := http.NewServeMux()
	s.routeActs(acts)
	mux.Handle("POST /_page/act/", http.StripPrefix("/_page/act", quietly(acts)))
}

// secured allows the page nothing but its own files, so that text from people could not run as code even if it got into
// the markup.
func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-cache")
		h.ServeHTTP(w, r)
	})
}

// quietly answers refusals with status 200: the page reads the error, and a browser writes any other status into its
// console.
func quietly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(quiet{w}, r) })
}

type quiet struct{ http.ResponseWriter }

func (w quiet) WriteHeader(status int) {
	if status == http.StatusBadRequest {
		status = http.StatusOK
	}
	w.ResponseWriter.WriteHeader(status)
}

// Changed makes open pages look again, for instance because the embedder moved its clock.
func (s *Server) Changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touch()
}

// serveChanges sends a line for each change, as server-sent events.
func (s *Server) serveChanges(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for {
		changed := s.nextChange()
		if _, err := fmt.Fprint(w, "data: changed\n\n"); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-beat.C:
		case <-r.Context().Done():
			return
		case <-s.done:
			return
		}
	}
}
