package slackemu

var richStyle = may(fields(shape{
	"bold": may(boolean), "italic": may(boolean), "strike": may(boolean), "code": may(boolean),
	"underline": may(boolean), "highlight": may(boolean), "client_highlight": may(boolean), "unlink": may(boolean),
}))

// inlineShapes are the pieces of a line of rich text.
var inlineShapes = map[string]shape{
	"text":      {"text": must(text(1, 1<<16)), "style": richStyle},
	"link":      {"url": must(text(1, 3000)), "text": may(text(0, 1<<16)), "unsafe": may(boolean), "style": richStyle},
	"emoji":     {"name": must(text(1, 100)), "unicode": may(text(0, 100)), "skin_tone": may(integer(1, 6)), "style": richStyle},
	"user":      {"user_id": must(text(1, 255)), "style": richStyle},
	"usergroup": {"usergroup_id": must(text(1, 255)), "style": richStyle},
	"channel":   {"channel_id": must(text(1, 255)), "style": richStyle},
	"broadcast": {"range": must(oneOf("here", "channel", "everyone")), "style": richStyle},
	"color":     {"value": must(text(1, 20)), "style": richStyle},
	"date": {"timestamp": must(integer(0, 1<<53)), "format": must(text(1, 255)), "url": may(text(0, 3000)),
		"fallback": may(text(0, 3000)), "style": richStyle},
}

func inline(p *problems, at string, value any) { typed(p, at, value, inlineShapes, nil) }

var line = shape{"elements": must(listOf(0, 1000, inline))}

// richShapes are the parts of a rich_text block.
var richShapes = map[string]shape{
	"rich_text_section":      line,
	"rich_text_quote":        {"elements": must(listOf(0, 1000, inline)), "border": may(integer(0, 1))},
	"rich_text_preformatted": {"elements": must(listOf(0, 1000, inline)), "border": may(integer(0, 1)), "language": may(text(0, 100))},
	"rich_text_list": {
		"elements": must(listOf(0, 1000, richTextLine)), "style": must(oneOf("bullet", "ordered")),
		"indent": may(integer(0, 8)), "offset": may(integer(0, 1<<31)), "border": may(integer(0, 1)),
	},
}

func richTextElement(p *problems, at string, value any) { typed(p, at, value, richShapes, nil) }

func richTextLine(p *problems, at string, value any) {
	typed(p, at, value, map[string]shape{"rich_text_section": line}, nil)
}
