package push

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

func verified(secret string, h http.Header, body []byte) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	sent, bad := strconv.ParseInt(h.Get("Webhook-Timestamp"), 10, 64)
	if err != nil || bad != nil || time.Since(time.Unix(sent, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", h.Get("Webhook-Id"), sent, body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for got := range strings.FieldsSeq(h.Get("Webhook-Signature")) {
		if hmac.Equal([]byte(got), []byte(want)) {
			return true
		}
	}
	return false
}

// TestSampleOfThePage checks the receiver in Go that docs/webhooks.md shows. Its function is the one above, word for word.
func TestSampleOfThePage(t *testing.T) {
	t.Parallel()
	read := func(file, from, to string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(text), from)
		sample, _, ends := strings.Cut(rest, to)
		if !found || !ends {
			t.Fatalf("%s has no text from %q to %q", file, from, to)
		}
		return sample
	}
	if got, want := read("../docs/webhooks.md", "```go\n", "```"), read("sample_test.go", ")\n\nfunc verified", "\n}\n"); got != "func verified"+want+"\n}\n" {
		t.Errorf("the page shows\n%s", got)
	}
	now := time.Now()
	secret := func(b byte, ends *time.Time) *delivery.WebhookSecret {
		return &delivery.WebhookSecret{Secret: bytes.Repeat([]byte{b}, delivery.WebhookSecretSize), EndsAt: ends}
	}
	current, replaced, ended := secret(1, nil), secret(2, new(now.Add(time.Minute))), secret(3, new(now.Add(-time.Minute)))
	body := []byte(`{"kind":"ORDER_MOVED","note":"好"}`)
	all := []*delivery.WebhookSecret{current, replaced, ended}
	for _, c := range []struct {
		claim  string
		secret *delivery.WebhookSecret
		at     time.Time
		body   string
		want   bool
	}{
		{"signed", current, now, string(body), true},
		{"signed by the secret that was replaced", replaced, now, string(body), true},
		{"signed by a secret that has ended", ended, now, string(body), false},
		{"another body", current, now, string(body) + " ", false},
		{"an old delivery", current, now.Add(-time.Hour), string(body), false},
	} {
		if got := verified(c.secret.String(), headers("msg_0192_1_7", c.at, body, all), []byte(c.body)); got != c.want {
			t.Errorf("%s: got %t, want %t", c.claim, got, c.want)
		}
	}
}
