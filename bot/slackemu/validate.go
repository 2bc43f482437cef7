package slackemu

// validateBlocks is https://docs.slack.dev/reference/methods/blocks.validate. It wants no token
// (https://github.com/slackapi/java-slack-sdk/pull/1622) and looks at the schema only: that a message
// takes one table, and so many characters, is found out when it is posted.
func (s *Server) validateBlocks(c *call) (object, error) {
	var given []string
	for _, kind := range []string{"blocks", "message", "view"} {
		if c.args[kind] != nil {
			given = append(given, kind)
		}
	}
	if len(given) != 1 {
		return nil, refuse("invalid_arguments", "exactly one of blocks, message and view is wanted")
	}
	value, err := c.json(given[0])
	if err != nil {
		return nil, refuse("invalid_arguments", given[0]+" is not JSON")
	}
	p := &problems{}
	validations[given[0]](p, value)
	if len(p.found) == 0 {
		return object{}, nil
	}
	var objections []object
	for _, f := range p.found {
		objections = append(objections, object{"pointer": f.pointer, "code": f.code, "message": f.message})
	}
	return nil, &apiError{word: "invalid_" + given[0], extra: object{"errors": objections}}
}

var validations = map[string]func(p *problems, value any){
	"blocks":  func(p *problems, value any) { checkBlocks(p, "", value, surfaceMessage) },
	"message": validateMessage,
	"view":    validateView,
}

// validateMessage takes blocks and attachments; text is refused as a field that nobody knows
// (https://github.com/slackapi/node-slack-sdk/pull/2659). What attachments hold is not looked at: the app has none.
func validateMessage(p *problems, value any) {
	fields(shape{"blocks": may(anything), "attachments": may(anything)})(p, "", value)
	if message, _ := value.(object); message["blocks"] != nil {
		checkBlocks(p, "/blocks", message["blocks"], surfaceMessage)
	}
}

func validateView(p *problems, value any) {
	on := surfaceModal
	if view, _ := value.(object); str(view, "type") == surfaceHome.name {
		on = surfaceHome
	}
	checkView(p, "", value, on)
}
