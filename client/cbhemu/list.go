package cbhemu

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// pageLimit is the most and the default of the list's parameter limit.
const pageLimit = 1000

func (s *Server) list(c call) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	chosen := s.instances
	if id := c.request.URL.Query().Get("instance_id"); id != "" {
		chosen = s.withInstanceID(id)
	}
	total := len(chosen)
	if !s.behaviour.IgnorePaging {
		limit, offset, valid := paging(c.request)
		if !valid {
			return s.refuse(badParameter)
		}
		chosen = chosen[min(offset, total):min(offset+limit, total)]
	}
	entries := make([]object, len(chosen))
	for i, m := range chosen {
		entries[i] = s.entry(m)
	}
	body := object{"total": total, "instance": entries}
	if s.behaviour.NoTotal {
		delete(body, "total")
	}
	return ok(body)
}

func (s *Server) withInstanceID(id string) []*machine {
	for _, m := range s.instances {
		if m.InstanceID == id {
			return []*machine{m}
		}
	}
	return nil
}

func paging(r *http.Request) (limit, offset int, valid bool) {
	limit, okLimit := number(r, "limit", pageLimit)
	offset, okOffset := number(r, "offset", 0)
	return limit, offset, okLimit && okOffset && limit >= 1 && limit <= pageLimit && offset >= 0
}

func number(r *http.Request, name string, standard int) (int, bool) {
	value := r.URL.Query().Get(name)
	if value == "" {
		return standard, true
	}
	n, err := strconv.Atoi(value)
	return n, err == nil
}

// entry is an element of the list.
func (s *Server) entry(m *machine) object {
	e := object{
		"name": m.Name, "server_id": m.ServerID, "instance_id": m.InstanceID,
		"bastion_version": m.Version, "update": m.update(s.Now()),
		"alter_permit": true, "enterprise_project_id": "0", "period_num": "1",
		"start_time": millis(m.CreatedAt), "end_time": millis(m.CreatedAt.AddDate(3, 0, 0)),
		"created_time": m.CreatedAt.UTC().Format("2006-01-02 15:04:05.0"),
		"az_info":      object{"region": "ap-southeast-3", "zone": "ap-southeast-3a", "availability_zone_display": "AZ1"},
		"status_info": object{
			"status": m.Status, "task_status": m.TaskStatus, "instance_status": m.InstanceStatus,
			"create_instance_status": "", "instance_description": "", "fail_reason": "",
		},
		"resource_info": object{
			"specification": "cbh.basic.50", "order_id": "CS25031712053ABCD", "resource_id": m.ResourceID,
			"data_disk_size": 0.2, "disk_resource_id": []string{},
		},
		"network": object{
			"web_port": "443", "public_ip": "", "public_id": " ", "private_ip": "192.168.0.10",
			"vpc_id": uuid("vpc"), "subnet_id": uuid("subnet"), "security_group_id": uuid("group"),
		},
	}
	if m.HAID != "" {
		e["ha_info"] = object{"ha_id": m.HAID, "instance_type": m.HARole}
	}
	if s.shows(m) {
		e["upgrade_time"] = m.UpgradeTime.UnixMilli()
	}
	if s.behaviour.ContradictorySpec {
		contradict(e, m)
	}
	maps.Copy(e, m.Extra)
	for _, name := range m.Omit {
		delete(e, name)
	}
	return e
}

// shows tells whether the list has the upgrade_time of the instance.
func (s *Server) shows(m *machine) bool {
	return !m.UpgradeTime.IsZero() && !s.Now().Before(m.visibleAt) && (m.run == nil || !s.behaviour.HideUpgradeTime)
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// contradict writes an entry as the reference's example has it: against the
// schema on the same page.
func contradict(e object, m *machine) {
	e["start_time"], e["end_time"] = m.CreatedAt.UnixMilli(), m.CreatedAt.AddDate(3, 0, 0).UnixMilli()
	e["period_num"] = 1
	if e["update"] == "OLD" {
		e["update"] = false
	}
	if id, err := strconv.ParseInt(m.InstanceID, 10, 64); err == nil {
		e["instance_id"] = id
	}
}

func (s *Server) status(c call) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	m := s.find(c.serverID)
	if m == nil {
		return s.refuse(notFound)
	}
	return ok(object{"name": m.Name, "server_id": m.ServerID, "status": m.Status})
}

func (s *Server) find(serverID string) *machine {
	for _, m := range s.instances {
		if m.ServerID == serverID {
			return m
		}
	}
	return nil
}

func (s *Server) features() *reply {
	supported := !s.Behaviour().NoUpgradeFeature
	return ok(object{
		"switch_info": object{
			"is_support_upgrade_instance": supported, "is_support_ha": true, "is_support_ipv6": false,
			"is_support_iam_login": true, "is_support_period": true, "is_support_ondemand": false,
		},
		"version_info": object{"require_eip": "3.2.16.0", "iam_login": "3.3.48.0"},
	})
}
