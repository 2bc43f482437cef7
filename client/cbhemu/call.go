package cbhemu

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// The operations, as faults and the request log name them.
const (
	OpToken    = "token"
	OpList     = "list"
	OpStatus   = "status"
	OpFeatures = "features"
	OpUpgrade  = "upgrade"
	OpCancel   = "cancel"
	OpRollback = "rollback"
	OpUnknown  = "unknown" // no such path or method
)

// call is one request, understood as far as its address goes.
type call struct {
	request  *http.Request
	op       string
	project  string
	serverID string // of the status call
	body     []byte
}

func identify(r *http.Request, body []byte) call {
	c := call{request: r, op: OpUnknown, body: body}
	path := r.URL.EscapedPath()
	if path == "/v3/auth/tokens" && r.Method == http.MethodPost {
		c.op = OpToken
		return c
	}
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(parts) < 5 || parts[1] != "v2" || parts[3] != "cbs" {
		return c
	}
	c.project, _ = url.PathUnescape(parts[2])
	c.name(r.Method+" "+strings.Join(parts[4:], "/"), parts)
	return c
}

// name finds the operation behind the project's part of the path.
func (c *call) name(route string, parts []string) {
	switch route {
	case "GET instance/list":
		c.op = OpList
	case "GET feature/config":
		c.op = OpFeatures
	case "POST instance/rollback":
		c.op = OpRollback
	case "POST instance/upgrade":
		c.op = OpUpgrade
		if cancels(c.body) {
			c.op = OpCancel
		}
	default:
		if len(parts) == 7 && parts[4] == "instance" && parts[6] == "status" && c.request.Method == http.MethodGet {
			c.op = OpStatus
			c.serverID, _ = url.PathUnescape(parts[5])
		}
	}
}

func cancels(body []byte) bool {
	var fields struct {
		Cancel bool `json:"cancel"`
	}
	_ = json.Unmarshal(body, &fields)
	return fields.Cancel
}

// answer carries the call out, in the order in which the cloud refuses.
func (s *Server) answer(c call) *reply {
	if c.op == OpToken {
		return s.issueToken(c)
	}
	if c.op == OpUnknown {
		return gateway(http.StatusNotFound, "APIG.0101", "The API does not exist or has not been published in the environment")
	}
	if refusal := s.authenticate(c); refusal != nil {
		return refusal
	}
	switch c.op {
	case OpList:
		return s.list(c)
	case OpStatus:
		return s.status(c)
	case OpFeatures:
		return s.features()
	case OpRollback:
		return s.rollback(c)
	}
	return s.upgrade(c)
}
