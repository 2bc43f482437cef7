package check

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/client"
)

// cloud looks at the projects.
type cloud struct {
	settings Settings
	clocks   *clocks
}

func (c *cloud) look(ctx context.Context) []Finding {
	projects, err := c.settings.Projects(c.clocks.cloud)
	if err != nil {
		return []Finding{fail(CloudEndpoint, "Correct the settings of the cloud.", "%v", err)}
	}
	if len(projects) == 0 {
		return []Finding{skip("the cloud is not looked at: which projects there are is unknown while the policy file is bad")}
	}
	found := make([][]Finding, len(projects))
	var all sync.WaitGroup
	for i, p := range projects {
		if p.Signs {
			c.clocks.signed()
		}
		all.Go(func() { found[i] = p.look(ctx) })
	}
	all.Wait()
	return append(slices.Concat(found...), c.abandoned(ctx, projects)...)
}

// abandoned tells of open requests whose project is configured no more: what it was called
// is in their records.
func (c *cloud) abandoned(ctx context.Context, projects []Project) (found []Finding) {
	open, err := store.New(c.settings.Redis, store.Options{}).Open(ctx)
	if err != nil {
		return nil // the check of Redis says so
	}
	requests := map[string][]string{}
	for _, r := range open {
		if name := r.Items[0].Target.Project; !slices.ContainsFunc(projects, func(p Project) bool { return p.Name == name }) {
			requests[name] = append(requests[name], r.Name())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(requests)) {
		all := requests[name]
		found = append(found, fail(ProjectGone,
			"Give the project this name in the policy file again, until they are over; that of CBH_PROJECT_ID is called "+approvals.DefaultProject+".",
			"%s of the project %s, which is configured no more: %s", counted(len(all), "open request is", "open requests are"), name,
			strings.Join(all[:min(len(all), mostShown)], ", ")))
	}
	return found
}

// look tries a project, and asks whether its region upgrades.
func (p Project) look(ctx context.Context) []Finding {
	found := []Finding{p.Try(ctx)}
	if found[0].Level == Fail {
		return found
	}
	told, err := p.Client.Features(ctx)
	if err == nil && told.Told && !told.UpgradeInstance {
		found = append(found, fail(CloudNoUpgrades,
			"Upgrade its bastions in the console; the bot cannot.",
			"the region of the project %s does not upgrade through the API", p.Name))
	}
	return found
}

// Try signs in and lists the project's instances, which it waits for no longer than
// [Patience].
func (p Project) Try(ctx context.Context) Finding {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	f := p.try(ctx)
	if p.Names != nil {
		f.Mend = p.Names.Replace(f.Mend)
	}
	return f
}

func (p Project) try(ctx context.Context) Finding {
	if f, refused := p.login(ctx); refused {
		return f
	}
	list, err := p.Client.Instances(ctx)
	switch {
	case err != nil:
		return p.unlisted(ctx, err)
	case len(list) == 0:
		return warn(CloudEmpty,
			"See in the console whether its bastions are in this project and region.",
			"the cloud lists no instance of the project %s (%s)", p.Name, p.ID)
	case p.Both:
		return warn(CloudCredentials,
			"Unset those that are not meant.",
			"HUAWEICLOUD_SDK_AK and CBH_IAM_PASSWORD are both set: the access key signs for the project %s, and the user's login does not count", p.Name)
	}
	return ok("the cloud lists %d instance(s) of the project %s (%s)", len(list), p.Name, p.ID)
}

// login gets what a request is signed with. IAM does not say which of user, password and
// account is wrong (https://support.huaweicloud.com/bpconsole_faq/zh-cn_topic_0081254117.html).
func (p Project) login(ctx context.Context) (f Finding, refused bool) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://cbh.invalid/", nil)
	if err == nil {
		err = p.Auth.Authorize(ctx, request)
	}
	var e *client.Error
	switch {
	case err == nil:
		return Finding{}, false
	case late(ctx, err):
		return noAnswer("IAM"), true
	case !errors.As(err, &e) || e.Kind == client.Unavailable || e.Kind == client.Throttled:
		return fail(IAMUnreachable,
			reaching(err, "See that CBH_REGION (or IAM_ENDPOINT) is right, and that this machine reaches it (HTTPS_PROXY)."),
			"IAM cannot be asked for a token for the project %s: %v", p.Name, err), true
	case e.Kind == client.Unreadable, strings.HasPrefix(e.Code, "APIG."), e.Code == "" && e.Kind != client.NotAuthenticated: // IAM has codes of its own
		return fail(IAMUnreachable,
			"See that IAM_ENDPOINT is IAM's: https://iam.REGION.myhuaweicloud.com.",
			"what answers in IAM's place is not IAM: %v", err), true
	case e.Kind == client.NotAuthenticated:
		return fail(IAMLogin, "Check CBH_IAM_USER, CBH_IAM_PASSWORD and CBH_IAM_DOMAIN, which is the name of the account and not of "+
			"the user: IAM does not say which is wrong. Five wrong passwords lock the user for 15 minutes.",
			"IAM does not accept the user's login for the project %s: %s", p.Name, e.Message), true
	}
	return fail(IAMProject, "Check CBH_PROJECT_ID and CBH_IAM_DOMAIN (console, \"My Credentials\"), and that the user is enabled and may enter the project.",
		"IAM gives the user no token for the project %s (%s): %s", p.Name, p.ID, e.Message), true
}

// unlisted says why the cloud does not list the instances of a project.
func (p Project) unlisted(ctx context.Context, err error) Finding {
	var e *client.Error
	switch {
	case late(ctx, err):
		return noAnswer("the cloud")
	case !errors.As(err, &e) || e.Kind == client.Unavailable || e.Kind == client.Throttled:
		return fail(CloudUnreachable,
			reaching(err, "See that CBH_REGION (or CBH_ENDPOINT) is right, and that this machine reaches it (HTTPS_PROXY)."),
			"the cloud cannot be reached for the project %s: %v", p.Name, err)
	case e.Kind == client.NotAuthenticated && p.Signs:
		return fail(CloudKey, "Check HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, which are of one key, and this machine's clock: a "+
			"signature is good for 15 minutes.",
			"the cloud does not accept the access key for the project %s: %s", p.Name, e.Message)
	case e.Kind == client.NoPermission:
		return fail(CloudPermission, "Let the user, or the key's, have cbh:instance:list and cbh:instance:upgrade in "+
			"this project; of a key, check CBH_PROJECT_ID, too.",
			"the account may not list the instances of the project %s (%s): %s", p.Name, p.ID, e.Message)
	}
	return fail(CloudEndpoint, "See that CBH_ENDPOINT (or CBH_REGION) is that of the project's region, and that the region has CBH.",
		"what answers at the CBH endpoint of the project %s does not list instances: %v", p.Name, err)
}
