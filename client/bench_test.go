package client_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// BenchmarkInstances reads projects of several sizes: what the emulated cloud
// answers, without the wire.
func BenchmarkInstances(b *testing.B) {
	for _, n := range []int{20, 200, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			body := listBody(b, n)
			c, err := client.New(client.Config{
				Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.StaticToken("t"),
				HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}, nil
				})},
			})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if all, err := c.Instances(b.Context()); err != nil || len(all) != n {
					b.Fatal(len(all), err)
				}
			}
		})
	}
}

// listBody is the list as the emulated cloud writes it.
func listBody(tb testing.TB, n int) string {
	cloud := cbhemu.New(cbhemu.Options{Instances: crowd(n)})
	request := httptest.NewRequest(http.MethodGet, "/v2/"+cbhemu.DefaultProject+"/cbs/instance/list?limit=1000", http.NoBody)
	request.Header.Set("X-Auth-Token", cloud.IssueToken())
	answer := httptest.NewRecorder()
	cloud.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		tb.Fatal(answer.Body)
	}
	return answer.Body.String()
}
