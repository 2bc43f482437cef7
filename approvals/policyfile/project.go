package policyfile

// Project is one cloud project whose instances the bot looks after. What the
// file leaves out is empty here; the settings of the same meaning hold then.
type Project struct {
	Name        string // how people and rules call it
	Region      string // for example ap-southeast-3; may be empty when both endpoints are given
	ID          string // the cloud's project id
	Endpoint    string // scheme and host of the CBH API; "": derived from the region
	IAMEndpoint string // scheme and host of the IAM API; "": derived from the region
	Credentials Credentials
	Channel     string // id of the channel for cards whose rule names none; ""
}

// Credentials are the names of the environment variables that hold a project's
// credentials: either User, Password and Domain, or AK and SK, and SecurityToken
// where the key is temporary. All empty: the usual variables.
type Credentials struct {
	User, Password, Domain string
	AK, SK, SecurityToken  string
}
