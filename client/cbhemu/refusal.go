package cbhemu

import (
	"fmt"
	"net/http"
)

// refusal is a no of CBH's, in both languages. Those that share a status and
// have no code in the reference can only be told apart by their text.
type refusal struct {
	status           int
	code             string // "" for none
	english, chinese string
}

// The refusals. The texts of 403 and 404 are the reference's; those without a
// code in it are about what it does not document.
var (
	badFormat    = refusal{http.StatusBadRequest, "CBH.10020009", "Invalid request message format.", "请求消息格式非法"}
	badParameter = refusal{http.StatusBadRequest, "CBH.10020010", "Request message param error.", "请求消息参数错误"}
	badServerID  = refusal{http.StatusBadRequest, "CBH.10020011", "Incorrect server ID.", "服务ID错误"}
	tooSoon      = refusal{http.StatusBadRequest, "CBH.10020010", "The scheduled upgrade time must be 24 hours later than the current time.", "定时升级的时间需要比当前时间大24小时"}
	notFound     = refusal{http.StatusNotFound, "", "Not CBH instances found.", "未找到云堡垒机实例"}
	agentDown    = refusal{http.StatusForbidden, "", "The agent is not started.", "agent未启动"}
	latest       = refusal{http.StatusForbidden, "", "The current version is the latest. There is no need to upgrade.", "当前版本已是最新版本，无需升级"}
	busy         = refusal{http.StatusConflict, "", "The instance is being upgraded or another task is in progress.", "实例正在升级或存在其他任务"}
	scheduled    = refusal{http.StatusConflict, "", "An upgrade has already been scheduled.", "已存在定时升级任务，冲突"}
	started      = refusal{http.StatusConflict, "", "The upgrade task has started and cannot be canceled.", "升级任务已开始，不可取消"}
	nothing      = refusal{http.StatusBadRequest, "", "No scheduled upgrade task exists.", "不存在定时升级任务"}
	noRollback   = refusal{http.StatusForbidden, "", "The instance cannot be rolled back.", "实例不支持回滚"}
)

// refuse words a refusal. The server is locked by the caller.
func (s *Server) refuse(r refusal) *reply {
	if s.behaviour.ChineseErrors {
		return numeric(r.status, r.chinese)
	}
	code := r.code
	if code == "" {
		code = fmt.Sprintf("CBH.%04d", r.status)
	}
	return documented(r.status, code, r.english)
}
