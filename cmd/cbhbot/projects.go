package main

import (
	"cmp"
	"fmt"
	"strings"

	"cbhbot/approvals"
	"cbhbot/approvals/policy/file"
)

// project is a cloud project with the settings as they are for it.
type project struct {
	name   string
	config Config
	names  file.Credentials // of the variables that its credentials are in
}

// variables are those that hold the credentials where the policy file names no others.
var variables = file.Credentials{
	User: "CBH_IAM_USER", Password: "CBH_IAM_PASSWORD", Domain: "CBH_IAM_DOMAIN", AK: "HUAWEICLOUD_SDK_AK", SK: "HUAWEICLOUD_SDK_SK",
}

// listedIn are the projects that a policy file lists; nil when it lists none. A
// bad file is told of where it is opened, and has no projects to complain of.
func listedIn(path string) []file.Project {
	read, err := file.Read(path, 0)
	if err != nil {
		return []file.Project{}
	}
	return read.Projects
}

// projects lists those of the policy file, or else the one of the CBH_ variables.
func (c Config) projects() []project {
	if c.listed == nil {
		return []project{{name: approvals.DefaultProject, config: c, names: variables}}
	}
	var all []project
	for _, p := range c.listed {
		all = append(all, project{name: p.Name, config: c.of(p), names: cmp.Or(p.Credentials, variables)})
	}
	return all
}

// of is the configuration with what the policy file says of one project. A
// region of its own has endpoints of its own, and credentials go together.
func (c Config) of(p file.Project) Config {
	c.CBHProjectID = p.ID
	if p.Region != "" && p.Region != c.CBHRegion {
		c.CBHRegion, c.CBHEndpoint, c.IAMEndpoint = p.Region, "", ""
	}
	c.CBHEndpoint = cmp.Or(p.Endpoint, c.CBHEndpoint)
	c.IAMEndpoint = cmp.Or(p.IAMEndpoint, c.IAMEndpoint)
	if names := p.Credentials; names != (file.Credentials{}) {
		c.CBHIAMUser, c.CBHIAMPassword, c.CBHIAMDomain = c.environ[names.User], c.environ[names.Password], c.environ[names.Domain]
		c.AK, c.SK, c.SecurityToken = c.environ[names.AK], c.environ[names.SK], c.environ[names.SecurityToken]
	}
	return c
}

// settings turns the names of variables into those that the policy file has for this project.
func (p project) settings() *strings.Replacer {
	if p.config.listed == nil {
		return nil
	}
	n := p.names
	return strings.NewReplacer(
		"CBH_PROJECT_ID", "its project_id in the policy file", "CBH_REGION", "its region in the policy file",
		"CBH_ENDPOINT", "endpoint", "IAM_ENDPOINT", "iam_endpoint",
		"CBH_IAM_USER", n.User, "CBH_IAM_PASSWORD", n.Password, "CBH_IAM_DOMAIN", n.Domain,
		"HUAWEICLOUD_SDK_AK", n.AK, "HUAWEICLOUD_SDK_SK", n.SK)
}

// problems lists what a project lacks to be reached.
func (p project) problems() (found problems) {
	c := p.config
	found.check(c.CBHProjectID == "", "CBH_PROJECT_ID", " is required")
	reached := c.CBHRegion != "" || c.CBHEndpoint != "" && (c.IAMEndpoint != "" || c.signs())
	found.check(!reached, "CBH_REGION", " is required, or both CBH_ENDPOINT and IAM_ENDPOINT")
	found = append(found, p.lacks()...)
	if len(c.listed) > 0 {
		for i := range found {
			found[i].says = fmt.Sprintf("project %s of the policy file: %s", p.name, found[i].says)
		}
	}
	return found
}

// lacks lists which of its credentials a project is without.
func (p project) lacks() (found problems) {
	c, names := p.config, p.names
	wanted := []struct{ value, name, what string }{
		{c.CBHIAMUser, names.User, "the IAM user's name"}, {c.CBHIAMPassword, names.Password, "the IAM user's password"},
		{c.CBHIAMDomain, names.Domain, "the name of the account (domain) that the IAM user belongs to"},
	}
	switch {
	case c.signs() || names.User == "":
		wanted = []struct{ value, name, what string }{{c.AK, names.AK, "the access key"}, {c.SK, names.SK, "its secret key"}}
	case c.CBHIAMUser+c.CBHIAMPassword+c.CBHIAMDomain == "" && names == variables:
		return problems{{names.User, "the cloud needs CBH_IAM_USER, CBH_IAM_PASSWORD and CBH_IAM_DOMAIN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"}}
	}
	for _, w := range wanted {
		found.check(w.value == "", w.name, " is required: %s", w.what)
		why := noValue(w.value)
		found.check(why != "", w.name, "%s", why)
	}
	return found
}
