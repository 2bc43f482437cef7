package main

import (
	"cmp"
	"fmt"

	"cbhbot/approvals/policy/file"
)

// project is a cloud project with the settings as they are for it.
type project struct {
	name, channel string
	config        Config
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
		return []project{{name: file.DefaultProject, config: c}}
	}
	var all []project
	for _, p := range c.listed {
		all = append(all, project{name: p.Name, channel: p.Channel, config: c.of(p)})
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
		c.CBHIAMUser, c.CBHIAMPassword, c.CBHIAMDomain = c.secret(names.User), c.secret(names.Password), c.secret(names.Domain)
		c.AK, c.SK, c.SecurityToken = c.secret(names.AK), c.secret(names.SK), c.secret(names.SecurityToken)
	}
	return c
}

// secret is the value of a variable that the policy file names.
func (c Config) secret(name string) string {
	if name == "" {
		return ""
	}
	return c.environ[name]
}

// problems lists what a project lacks to be reached.
func (p project) problems() []string {
	var found []string
	check := func(wrong bool, text string) {
		if wrong {
			found = append(found, text)
		}
	}
	c := p.config
	check(c.CBHProjectID == "", "CBH_PROJECT_ID is required")
	check(c.CBHRegion == "" && (c.CBHEndpoint == "" || c.IAMEndpoint == "" && !c.signs()), "CBH_REGION is required, or both CBH_ENDPOINT and IAM_ENDPOINT")
	check(c.signs() && (c.AK == "" || c.SK == ""), "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK go together")
	check(!c.signs() && (c.CBHIAMUser == "" || c.CBHIAMPassword == "" || c.CBHIAMDomain == ""),
		"the cloud needs CBH_IAM_USER, CBH_IAM_PASSWORD and CBH_IAM_DOMAIN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK")
	if len(c.listed) > 0 {
		for i := range found {
			found[i] = fmt.Sprintf("project %s of the policy file: %s, or what the file names instead", p.name, found[i])
		}
	}
	return found
}
