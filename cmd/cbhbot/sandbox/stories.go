package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// words are what the tour says, in each language of the sandbox.
type words struct{ en, zh string }

func (w words) in(language string) string {
	if language == chinese {
		return w.zh
	}
	return w.en
}

// story is what happens to a bastion.
type story struct {
	name    string
	title   words
	bastion string
	cross   bool // the bastion is offered another system, and gets another server id
	scenes  []scene
	end     words
}

// scene is a sentence, in which %s is the bastion, and what is done then.
type scene struct {
	as   string // whose eyes it is seen with
	says words
	does func(context.Context, *telling) error
}

func (s story) instance(name string) cbhemu.Instance {
	i := cbhemu.Instance{Name: name, Version: "3.3.49.0", Path: []cbhemu.Step{{Update: "NEW", Version: "3.3.52.1"}}}
	if s.cross {
		i.Path = []cbhemu.Step{{Update: "CROSS_OS", Version: "3.3.62.0"}}
	}
	return i
}

var stories = []story{
	{
		name: "approve", title: words{"Approve", "批准"}, bastion: "bastion-web",
		scenes: []scene{
			{rita, words{"Rita asks for an upgrade of %s in plain words. A card appears for everybody.", "Rita 用日常说法申请升级 %s，频道里出现一张卡片。"}, askInThreeDays},
			{ana, words{"Ana approves it with the button. The bot calls the cloud, and reads back what it has scheduled.", "Ana 点“批准”。机器人调用云端接口，并回读确认预约时间。"}, approvedBy(ana)},
			{rita, words{"Time goes on. The thread is told a day and an hour ahead, and when the upgrade starts.", "时间推进：消息列会在前一天、前一小时和升级开始时收到提醒。"}, until(approvals.Running)},
			{rita, words{"The upgrade ends. The last message sums it up.", "升级结束，最后一条消息给出小结。"}, until(approvals.Succeeded)},
		},
		end: words{"Asked for, approved, scheduled, carried out: and each step can be read in the thread.", "从申请、批准、预约到完成，每一步都能在消息列里看到。"},
	},
	{
		name: "ask", title: words{"Ask back a time", "追问时间"}, bastion: "bastion-db",
		scenes: []scene{
			{rita, words{"Rita types “in 3 days at 2” for %s. That may be night or afternoon, so the bot asks.", "Rita 为 %s 输入“三天后2点”。可能是凌晨也可能是下午，机器人会追问。"}, askDoubtfully},
			{rita, words{"She presses what she meant. Nothing has to be typed again.", "她点选自己的本意，不用重新输入。"}, chooseReading},
			{ana, words{"Ana approves the time that both of them understand.", "时间明确后，Ana 批准。"}, approvedBy(ana)},
		},
		end: words{"Whatever two careful readers could take differently is asked back, never guessed.", "凡是可能有两种理解的说法，机器人都会追问，绝不猜测。"},
	},
	{
		name: "deny", title: words{"Deny", "拒绝"}, bastion: "bastion-mail",
		scenes: []scene{
			{rita, words{"Rita asks for an upgrade of %s.", "Rita 申请升级 %s。"}, askInThreeDays},
			{ana, words{"Ana presses Deny. A form wants to know why, and Rita is told.", "Ana 点“拒绝”，在表单里写明原因，Rita 会收到通知。"}, denied},
		},
		end: words{"A denied request is over. The bastion is free for another.", "申请被拒绝后即告结束，该堡垒机可以重新申请。"},
	},
	{
		name: "move", title: words{"Move", "改期"}, bastion: "bastion-git",
		scenes: []scene{
			{rita, words{"Rita asks for an upgrade of %s in three days.", "Rita 申请三天后升级 %s。"}, askInThreeDays},
			{rita, words{"The team is not ready. She moves it by two days: approvals begin anew, and old buttons do nothing.", "团队还没准备好，她改到两天以后：审批重新开始，旧按钮不再生效。"}, moveByTwoDays},
			{ana, words{"Ana approves the new time.", "Ana 批准新的时间。"}, approvedBy(ana)},
		},
		end: words{"An approval is for one time of one bastion, and for nothing else.", "一次批准只对应一台堡垒机的一个时间。"},
	},
	{
		name: "two", title: words{"Two of three approve", "三人中两人批准"}, bastion: "vault-main",
		scenes: []scene{
			{rita, words{"The policy wants two of three people for %s. Rita asks.", "按策略，%s 需要三人中的两人批准。Rita 提出申请。"}, askInThreeDays},
			{ana, words{"Ana approves. The card says who is still missing, and nothing is scheduled.", "Ana 批准。卡片显示还差谁，此时不会预约。"}, halfApproved},
			{slackemu.UserBo, words{"Bo approves, too. Now the cloud is called, once.", "Bo 也批准，此时才调用云端接口，而且只调用一次。"}, approvedBy(slackemu.UserBo)},
		},
		end: words{"Each person counts once, is looked up again right before the call, and nobody approves their own request.", "每人只计一次，调用前会再次核实身份，申请人不能批准自己的申请。"},
	},
	{
		name: "late", title: words{"Too late", "为时已晚"}, bastion: "bastion-wiki",
		scenes: []scene{
			{rita, words{"Rita asks for an upgrade of %s in 30 hours. The cloud wants a day's notice.", "Rita 申请 30 小时后升级 %s。云端要求至少提前一天。"}, askFor("upgrade %s in 30 hours", "升级 %s 30小时后")},
			{rita, words{"Nobody answers. Approvers are reminded, and then the deadline passes.", "没有人答复。审批人收到催办，随后审批截止。"}, until(approvals.Expired)},
		},
		end: words{"Nothing was scheduled. The card offers to pick a new time.", "没有进行任何预约，卡片上可以选择新的时间。"},
	},
	{
		name: "crash", title: words{"A crash at the worst moment", "最坏时刻的崩溃"}, bastion: "bastion-core",
		scenes: []scene{
			{rita, words{"Rita asks for an upgrade of %s.", "Rita 申请升级 %s。"}, askInThreeDays},
			{ana, words{"Ana approves. The cloud carries out the call, and the bot is killed before it reads the answer.", "Ana 批准。云端执行了调用，而机器人在读到结果之前被强行终止。"}, ambushed},
			{rita, words{"The bot starts again. It does not call twice: it looks at the cloud until it knows what became of its call.", "机器人重新启动。它不会再次调用，而是查询云端，直到弄清上次调用的结果。"}, pickedUp},
		},
		end: words{"One approval, one call, whoever dies in between.", "无论何时崩溃，一次批准只有一次调用。"},
	},
	{
		name: "fail", title: words{"An upgrade that goes wrong and is rolled back", "升级出问题并回滚"}, bastion: "bastion-old", cross: true,
		scenes: []scene{
			{rita, words{"Rita asks for a cross-version upgrade of %s.", "Rita 申请跨版本升级 %s。"}, askInThreeDays},
			{ana, words{"Ana approves.", "Ana 批准。"}, approvedBy(ana)},
			{rita, words{"The upgrade runs and ends. The bastion has another server id, and the bot found it by its name.", "升级运行并结束。堡垒机换了服务器 ID，机器人按名称找到了它。"}, until(approvals.Succeeded)},
			{rita, words{"Nobody can log in any more. Rita asks for a rollback, which needs approval, too.", "升级后无人能登录。Rita 申请回滚，回滚同样需要批准。"}, askFor("rollback %s -- nobody can log in", "回滚 %s -- 无法登录")},
			{ana, words{"Ana approves the rollback, and the bot starts it at once.", "Ana 批准回滚，机器人立即执行。"}, rollbackApproved},
			{rita, words{"The old version is back.", "旧版本恢复。"}, until(approvals.Succeeded)},
		},
		end: words{"Whoever asked and whoever approved are told when something went wrong, and what can be done.", "出问题时，申请人和审批人都会收到通知，并知道可以怎么做。"},
	},
}

const (
	rita = slackemu.UserRita
	ana  = slackemu.UserAna
)

var askInThreeDays = askFor("upgrade %s in 3 days at 2am -- security fixes", "升级 %s 三天后凌晨2点 -- 安全补丁")

// approvedBy is a scene in which somebody gives the approval that is missing.
func approvedBy(user string) func(context.Context, *telling) error {
	return func(ctx context.Context, n *telling) error {
		if err := n.presses(ctx, user, "approve"); err != nil {
			return err
		}
		return n.becomes(ctx, approvals.Scheduled)
	}
}

// until is a scene in which time passes until the request is at a stage.
func until(stage approvals.State) func(context.Context, *telling) error {
	return func(ctx context.Context, n *telling) error { return n.passes(ctx, stage) }
}

// isReading is a question's button for one of the readings.
const isReading = "continue"

func askDoubtfully(ctx context.Context, n *telling) error {
	if err := n.types(rita, n.about(words{"upgrade %s in 3 days at 2", "升级 %s 三天后2点"})); err != nil {
		return err
	}
	_, err := n.question(ctx)
	return err
}

// question waits for what Rita is asked.
func (n *telling) question(ctx context.Context) (*slackemu.Shown, error) {
	return n.box.slack.As(rita).WaitMessage(ctx, slackemu.ChannelOps, func(m slackemu.Message) bool {
		return m.EphemeralFor == rita && strings.Contains(fmt.Sprint(m.Blocks), n.bastion) && (&slackemu.Shown{Message: m}).Action(isReading).Exists()
	})
}

func chooseReading(ctx context.Context, n *telling) error {
	question, err := n.question(ctx)
	if err != nil {
		return err
	}
	question.Action(isReading).Click()
	return n.hasCard(ctx)
}

func denied(ctx context.Context, n *telling) error {
	if err := n.presses(ctx, ana, "deny"); err != nil {
		return err
	}
	form, err := n.box.slack.As(ana).WaitModal(ctx, func(slackemu.View) bool { return true })
	if err != nil {
		return err
	}
	why := words{"not during the sale", "促销期间不升级"}
	if d := form.Submit(map[string]any{"reason": why.in(n.box.flags.language)}); !d.Acked {
		return errors.New("the bot did not take the form: is it running?")
	}
	return n.becomes(ctx, approvals.Denied)
}

func moveByTwoDays(ctx context.Context, n *telling) error {
	revision := n.request.Revision
	if err := n.types(rita, n.about(words{"reschedule %s in 5 days at 3am", "改期 %s 五天后凌晨3点"})); err != nil {
		return err
	}
	err := n.waits(ctx, "the move", func() (bool, error) {
		r, err := n.box.store.Load(ctx, n.request.ID)
		return r.Revision > revision, err
	})
	if err != nil {
		return err
	}
	return n.becomes(ctx, approvals.Pending)
}

func halfApproved(ctx context.Context, n *telling) error {
	if err := n.presses(ctx, ana, "approve"); err != nil {
		return err
	}
	err := n.waits(ctx, "the first approval", func() (bool, error) {
		r, err := n.box.store.Load(ctx, n.request.ID)
		return slices.ContainsFunc(r.Decisions, func(d approvals.Decision) bool { return d.By.ID == ana }), err
	})
	if err != nil {
		return err
	}
	return n.becomes(ctx, approvals.Pending)
}

// ambushed kills the bot when the cloud has carried out its call.
func ambushed(ctx context.Context, n *telling) error {
	n.box.ambush.armed.Store(true)
	if err := n.presses(ctx, ana, "approve"); err != nil {
		return err
	}
	return n.waits(ctx, "the crash", func() (bool, error) { return n.box.bot.current() == nil, nil })
}

// pickedUp starts the bot, and wants one call and no other.
func pickedUp(ctx context.Context, n *telling) error {
	if n.box.bot.current() == nil {
		if err := n.box.bot.start(); err != nil {
			return err
		}
	}
	if err := n.passes(ctx, approvals.Scheduled); err != nil {
		return err
	}
	if calls := n.calls(); calls != 1 {
		return fmt.Errorf("the cloud was called %d times", calls)
	}
	return n.box.travel.idle(ctx)
}

func rollbackApproved(ctx context.Context, n *telling) error {
	if err := n.presses(ctx, ana, "approve"); err != nil {
		return err
	}
	return n.becomes(ctx, approvals.Running)
}
