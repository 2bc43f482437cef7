package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// pageSize is the most instances the cloud puts on one page.
const pageSize = 1000

// Instances lists all instances of the project, each once. Up to 1,000 of them
// cost one call. One that changes its place between two pages may be on neither: a list
// that lacks some of those it counts is read once more.
//
// https://support.huaweicloud.com/intl/en-us/api-cbh/ListInstances.html
func (c *Client) Instances(ctx context.Context) ([]Instance, error) {
	all, lacks, err := c.pages(ctx)
	if lacks {
		all, _, err = c.pages(ctx)
	}
	return all, err
}

func (c *Client) pages(ctx context.Context) (all []Instance, lacks bool, err error) {
	known := map[string]bool{}
	for offset := 0; ; {
		page, err := c.page(ctx, offset)
		if err != nil {
			return nil, false, err
		}
		before := len(all)
		all = slices.Grow(all, len(page.instances))
		for _, i := range page.instances {
			if i.ServerID != "" && !known[i.ServerID] {
				known[i.ServerID] = true
				all = append(all, i)
			}
		}
		offset += len(page.instances)
		// A region that ignores paging answers the same page for ever, and one that counts
		// pages otherwise repeats entries.
		if len(all) == before || page.complete(len(all)) {
			return all, len(page.instances) == 0 && page.total.number() > len(all), nil
		}
	}
}

// page is one answer of the list.
type page struct {
	total     text
	instances []Instance // with an empty one for each element that is none
}

// complete reports whether nothing is missing when so many instances are known.
func (p page) complete(seen int) bool {
	return p.total != "" && seen >= p.total.number()
}

func (c *Client) page(ctx context.Context, offset int) (page, error) {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)}}
	a, err := c.do(ctx, call{op: "list", method: http.MethodGet, path: "instance/list", query: query})
	if err != nil {
		return page{}, noInstanceMeant(err)
	}
	p, err := readPage(a.body, offset > 0)
	if err == nil && offset == 0 && len(p.instances) == 0 && p.total.number() > 0 {
		err = errNotJSON // there are some, it says, and shows none
	}
	if err != nil {
		return page{}, a.unreadable("list", err)
	}
	return p, nil
}

// readPage wants a list or a total of 0: an answer with neither, or an error in the
// place of instances, must not pass for a project without any. Behind another page, a
// null is an empty list.
func readPage(body []byte, behind bool) (page, error) {
	var p page
	var code text
	listed, s := false, scanner{data: body}
	s.object(func(name []byte) {
		switch string(name) {
		case "total":
			p.total = s.text()
		case "instance":
			listed = p.read(&s) || behind
		case "error_code":
			code = s.text()
		default:
			s.skip()
		}
	})
	err := s.end()
	unlisted := !listed && p.total != "0"
	if err == nil && (unlisted || len(p.instances) == 0 && failed(code)) {
		err = errNotJSON
	}
	return p, err
}

// read reads the elements, and reports whether there is a list: null is none.
func (p *page) read(s *scanner) bool {
	if s.peek() != '[' {
		if string(s.literal()) != "null" {
			s.fail()
		}
		return false
	}
	p.instances = nil
	s.between(']', func() {
		var e entry
		e.read(s)
		p.instances = append(p.instances, e.instance())
	})
	return true
}

// noInstanceMeant corrects a 404 to a call that names no instance: it is the
// address or the project that does not exist.
func noInstanceMeant(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == NotFound {
		e.Kind = BadRequest
	}
	return err
}
