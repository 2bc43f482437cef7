package slackemu

// This file is https://docs.slack.dev/reference/block-kit/blocks/table-block. That a cell is not
// empty is what Slack answers (https://github.com/getnao/nao/issues/1143); how much all cells hold,
// and that one table is all a message takes, stand in Slack's guidance
// (https://github.com/slackapi/slack-skills-plugin, skills/block-kit).

// tableCharacters is how many characters the cells of all tables may hold.
const tableCharacters = 10000

var cellShapes = map[string]shape{
	"raw_text":  {"text": must(text(1, tableCharacters))},
	"rich_text": {"elements": must(listOf(1, 1000, richTextElement))},
}

func tableCell(p *problems, at string, value any) { typed(p, at, value, cellShapes, nil) }

var columnShape = shape{"align": may(oneOf("left", "center", "right")), "is_wrapped": may(boolean)}

func checkTables(p *problems, at string, blocks []object) {
	total := 0
	for i, b := range blocks {
		if str(b, "type") != "table" {
			continue
		}
		if total += characters(b["rows"]); total > tableCharacters {
			p.add(pointer(at, i)+"/rows", "the cells hold more than %d characters", tableCharacters)
		}
	}
}

// tables counts the tables among the blocks of a message.
func tables(value any) (n int) {
	blocks, _ := value.([]any)
	for _, b := range onlyObjects(blocks) {
		if str(b, "type") == "table" {
			n++
		}
	}
	return n
}
