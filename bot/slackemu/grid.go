package slackemu

// Grid is the Enterprise organisation that the workspace belongs to; the zero value is none. The app is installed in the
// workspace, not in the whole organisation.
type Grid struct {
	ID   string // begins with E
	Name string
}

// object is the organisation as interactions name it: null without one.
func (g Grid) object() any {
	if g.ID == "" {
		return nil
	}
	return object{"id": g.ID, "name": g.Name}
}

// name adds the organisation to a payload or team, which say nothing of it without one
// (https://docs.slack.dev/interactivity/implementing-slash-commands).
func (g Grid) name(o object) {
	if g.ID != "" {
		o["enterprise_id"], o["enterprise_name"] = g.ID, g.Name
	}
}

// user is https://docs.slack.dev/reference/objects/user-object#enterprise.
func (g Grid) user(u *User) object {
	return object{
		"id": u.ID, "enterprise_id": g.ID, "enterprise_name": g.Name, "is_admin": u.IsAdmin, "is_owner": false, "teams": []string{u.TeamID},
	}
}
