package cbhemu

import (
	"net/http"
	"strings"
	"time"
)

// authenticate returns a refusal, or nil if the caller may act in the project.
func (s *Server) authenticate(c call) *reply {
	if signature := c.request.Header.Get("Authorization"); strings.HasPrefix(signature, signAlgorithm) {
		if why := s.verify(c, signature); why != "" {
			return gateway(http.StatusUnauthorized, "APIG.0301", "Incorrect IAM authentication information: "+why)
		}
		return s.checkProject(c, s.project)
	}
	s.mu.Lock()
	t, known := s.tokens[c.request.Header.Get("X-Auth-Token")]
	s.mu.Unlock()
	if !known {
		return gateway(http.StatusUnauthorized, "APIG.0301", "Incorrect IAM authentication information: decrypt token fail")
	}
	if !s.Now().Before(t.expires) {
		return gateway(http.StatusUnauthorized, "APIG.0307", "Incorrect IAM authentication information: The token must be updated")
	}
	return s.checkProject(c, t.project)
}

func (s *Server) checkProject(c call, allowed string) *reply {
	if c.project != allowed {
		return documented(http.StatusForbidden, "CBH.10020002", "Tenant has no authority.")
	}
	return nil
}

// verify checks a signature and returns what is wrong with it, "" for nothing.
// Its date is compared with the machine's clock: signing clients cannot know
// the server's.
func (s *Server) verify(c call, authorization string) string {
	claim := parseAuthorization(authorization)
	key, known := s.key(claim.ak)
	if !known {
		return "the access key does not exist"
	}
	date := c.request.Header.Get("X-Sdk-Date")
	at, err := time.Parse(signDate, date)
	if err != nil || time.Since(at).Abs() > 15*time.Minute {
		return "the signature has expired"
	}
	if key.SecurityToken != c.request.Header.Get("X-Security-Token") {
		return "the security token is wrong"
	}
	if !claim.signs("x-sdk-date") {
		return "x-sdk-date is not signed"
	}
	if signature(c, key.SK, date, claim.headers) != claim.signature {
		return "verify aksk signature fail"
	}
	return ""
}

func (s *Server) key(ak string) (AccessKey, bool) {
	for _, k := range s.keys {
		if k.AK == ak {
			return k, true
		}
	}
	return AccessKey{}, false
}
