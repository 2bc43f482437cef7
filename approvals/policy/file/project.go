package file

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"

	"go.yaml.in/yaml/v3"

	"cbhbot/approvals/policy"
)

// Project is one cloud project whose instances the bot looks after. What the
// file leaves out is empty here; the settings of the same meaning hold then. What the
// file says of the project's cards is the policy's.
type Project struct {
	Name        string // how people and rules call it
	Region      string // for example ap-southeast-3; may be empty when both endpoints are given
	ID          string // the cloud's project id
	Endpoint    string // scheme and host of the CBH API; "": derived from the region
	IAMEndpoint string // scheme and host of the IAM API; "": derived from the region
	Credentials Credentials
}

// Credentials are the names of the environment variables that hold a project's
// credentials: either User, Password and Domain, or AK and SK, and SecurityToken
// where the key is temporary. All empty: the usual variables.
type Credentials struct {
	User, Password, Domain string
	AK, SK, SecurityToken  string
}

var (
	projectName   = matching(`^[A-Za-z0-9][A-Za-z0-9._-]*$`, "a name of letters, digits, dots and dashes")
	projectID     = matching(`^[A-Za-z0-9_-]+$`, "the id of a project")
	region        = matching(`^[a-z0-9]+(-[a-z0-9]+)*$`, "a region such as ap-southeast-3")
	language      = oneOf("no language of this program", policy.Languages)
	variableNames = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$`)
)

func (r *reader) projectList(n *yaml.Node, cards *policy.Policy) []Project {
	var all []Project
	r.list(func(item *yaml.Node) {
		p := r.project(item, cards)
		for _, other := range all {
			if p.Name != "" && p.Name == other.Name {
				r.at(item, "there are two projects called %q", p.Name)
			}
			if p.ID != "" && p.ID == other.ID {
				r.at(item, "the projects %q and %q have the same project_id", other.Name, p.Name)
			}
		}
		all = append(all, p)
	})(n)
	return all
}

// project reads one of the projects, and what the policy says of its cards.
func (r *reader) project(n *yaml.Node, cards *policy.Policy) Project {
	var p Project
	var where string
	var in policy.Language
	keys := r.mapping(n, "a project", map[string]take{
		"name":         into(r, &p.Name, said(projectName)),
		"region":       into(r, &p.Region, said(region)),
		"project_id":   into(r, &p.ID, said(projectID)),
		"endpoint":     into(r, &p.Endpoint, said(endpoint)),
		"iam_endpoint": into(r, &p.IAMEndpoint, said(endpoint)),
		"credentials":  func(n *yaml.Node) { p.Credentials = r.credentials(n) },
		"channel":      into(r, &where, said(channel)),
		"language":     into(r, &in, said(language)),
	}, "name", "project_id")
	cards.Channels[p.Name], cards.Languages[p.Name] = where, in
	reached := keys["endpoint"] != nil && (keys["iam_endpoint"] != nil || p.Credentials.AK != "") // a signed request needs no IAM
	if keys != nil && keys["region"] == nil && !reached {
		r.at(n, "a project needs a region, or both endpoint and iam_endpoint")
	}
	return p
}

// endpoint reads scheme and host. Only a server on this machine may be reached
// without TLS. The value is not repeated, for it may hold a password.
func endpoint(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Host == "", *u != url.URL{Scheme: u.Scheme, Host: u.Host}, u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("must be scheme and host, such as https://cbh.example.com, without a path")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", errors.New("must be https; http is for this machine only")
	}
	return text, nil
}

func loopback(host string) bool {
	address, _ := netip.ParseAddr(host)
	return host == "localhost" || address.IsLoopback()
}

func (r *reader) credentials(n *yaml.Node) Credentials {
	var c Credentials
	keys := r.mapping(n, "credentials", map[string]take{
		"user":           into(r, &c.User, variable),
		"password":       into(r, &c.Password, variable),
		"domain":         into(r, &c.Domain, variable),
		"ak":             into(r, &c.AK, variable),
		"sk":             into(r, &c.SK, variable),
		"security_token": into(r, &c.SecurityToken, variable),
	})
	has := func(key string) bool { return keys[key] != nil }
	password := has("user") && has("password") && has("domain")
	signing := has("ak") && has("sk")
	one := has("user") || has("password") || has("domain")
	other := has("ak") || has("sk") || has("security_token")
	if keys != nil && (one == other || one && !password || other && !signing) {
		r.wrong(n, "must be either user, password and domain, or ak and sk (and security_token)")
	}
	return c
}

// variable reads the name of an environment variable. The value is not repeated:
// it may be what belongs into the variable.
func variable(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode || !variableNames.MatchString(n.Value) {
		return "", errors.New("must be the name of an environment variable, such as CBH_EU_PASSWORD, with an underscore; what stands here is not shown, for it may be a secret")
	}
	return n.Value, nil
}
