package check

import (
	"context"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/bot"
	"cbhbot/client"
)

// Whoever shows a certificate that is not accepted is reached: what mends that is the
// certificate or its authority, and not the network.
func TestACertificateThatIsNotAcceptedIsBlamed(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(t.Output(), "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	trusting := server.Client().Transport.(*http.Transport).TLSClientConfig
	late := trusting.Clone()
	late.Time = func() time.Time { return time.Now().AddDate(200, 0, 0) } // when the certificate has expired

	signed := client.Sign("ak", "sk", "")
	cloud, err := client.New(client.Config{Endpoint: server.URL, ProjectID: "p", Auth: signed})
	if err != nil {
		t.Fatal(err)
	}
	stale := redis.NewClient(&redis.Options{Addr: server.Listener.Addr().String(), TLSConfig: late, MaxRetries: -1})
	t.Cleanup(func() { stale.Close() })
	sender := bot.NewSender(bot.SenderConfig{Token: "xoxb-1", APIURL: server.URL + "/api/", HTTP: http.DefaultClient, Log: silent()})
	_, unheard := sender.Identify(t.Context())
	iam := client.Password(client.PasswordConfig{IAMEndpoint: server.URL, User: "u", Password: "p", Domain: "d", ProjectID: "p"})
	over, stop := context.WithCancel(t.Context())
	stop()
	for who, f := range map[string]Finding{
		"Sentinels": (&storage{settings: Settings{RedisTLS: true, Sentinels: true}}).unreached(over, context.DeadlineExceeded), // which go-redis asks again and again
		"Slack":     unreached(t.Context(), unheard),
		"cloud":     Project{Client: cloud, Auth: signed}.Try(t.Context()),
		"IAM":       Project{Client: cloud, Auth: iam}.Try(t.Context()),
		"Redis":     (&storage{}).unreached(t.Context(), stale.Time(t.Context()).Err()),
	} {
		if f.Level != Fail || !strings.Contains(f.Text+f.Mend, "certificate") || !strings.Contains(f.Mend, "SSL_CERT_FILE") {
			t.Errorf("%s: %+v", who, f)
		}
	}
}
