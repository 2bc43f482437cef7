package cbhemu

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// reply is an answer before it goes on the wire.
type reply struct {
	status      int
	contentType string
	body        []byte
	headers     map[string]string
}

func (r *reply) header(name, value string) *reply {
	if r.headers == nil {
		r.headers = map[string]string{}
	}
	r.headers[name] = value
	return r
}

func (r *reply) write(w http.ResponseWriter, now time.Time) {
	for name, value := range r.headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	if r.contentType != "" {
		w.Header().Set("Content-Type", r.contentType)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body)
}

// object is a JSON object.
type object map[string]any

func ok(body any) *reply { return jsonReply(http.StatusOK, body) }

func jsonReply(status int, body any) *reply {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic("cbhemu: an answer cannot be encoded: " + err.Error())
	}
	return &reply{status: status, contentType: "application/json;charset=utf-8", body: encoded}
}

// The shapes in which errors come.

// documented is the shape of the CBH reference.
func documented(status int, code, description string) *reply {
	return jsonReply(status, object{"error_code": code, "error_description": description})
}

// numeric is the shape CBH has been seen to use, with the status as code.
func numeric(status int, description string) *reply {
	return jsonReply(status, object{"error_code": status, "description": description})
}

// gateway is the shape of the API gateway in front of CBH.
func gateway(status int, code, message string) *reply {
	return jsonReply(status, object{"error_code": code, "error_msg": message, "request_id": "gateway-" + code})
}

// identity is the shape of IAM.
func identity(status int, message string) *reply {
	return jsonReply(status, object{"error": object{"code": status, "message": message, "title": http.StatusText(status)}})
}

// page is what a proxy on the way answers.
func page(status int) *reply {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return &reply{status: status, contentType: "text/html",
		body: []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body><center><h1>" + title + "</h1></center></body>\r\n</html>\r\n")}
}

func plain(status int, text string) *reply {
	return &reply{status: status, contentType: "text/plain", body: []byte(text)}
}
