package delivery_test

import (
	"net/netip"
	"testing"
	"time"

	"baogong/delivery"
)

func TestPublicAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"8.8.8.8": true, "114.114.114.114": true, "1.1.1.1": true, "172.15.0.1": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.1": true, "223.255.255.254": true,
		"2001:4860:4860::8888": true, "240e::1": true, "2400:3200::1": true, "::ffff:8.8.8.8": true,

		"127.0.0.1": false, "127.255.255.255": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "169.254.0.1": false, "100.64.0.1": false, "100.100.100.200": false, "0.0.0.0": false, "0.1.2.3": false,
		"192.0.0.1": false, "192.0.2.1": false, "198.18.0.1": false, "198.19.255.255": false, "198.51.100.1": false, "203.0.113.1": false,
		"224.0.0.1": false, "239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false, "192.88.99.1": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "fec0::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "2002:7f00:1::": false, "2001:0:1::1": false, "2001:db8::1": false, "100::1": false, "3fff::1": false, "4000::1": false,
	} {
		if got := delivery.PublicAddress(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: got public %t, want %t", text, got, want)
		}
	}
	if delivery.PublicAddress(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func TestCheckWebhookURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://hooks.example/baogong": "", "https://hooks.example:8443/a?token=b": "", "https://8.8.8.8/": "", "https://[2001:4860:4860::8888]/x": "", "https://推送.example/": "",
		"http://hooks.example/": "BAD_WEBHOOK_URL", "ftp://hooks.example/": "BAD_WEBHOOK_URL", "hooks.example": "BAD_WEBHOOK_URL", "https://": "BAD_WEBHOOK_URL", "https:hooks.example": "BAD_WEBHOOK_URL",
		"https://user:pass@hooks.example/": "BAD_WEBHOOK_URL", "https://hooks.example/#a": "BAD_WEBHOOK_URL", "https://hooks.example/a b": "BAD_WEBHOOK_URL", `https://hooks.example\@127.0.0.1/`: "BAD_WEBHOOK_URL",
		"https://hooks.example:port/": "BAD_WEBHOOK_URL", "https://hooks.example:0/": "BAD_WEBHOOK_URL", "https://hooks.example:65536/": "BAD_WEBHOOK_URL", "https://hooks..example/": "BAD_WEBHOOK_URL",
		"https://.example/": "BAD_WEBHOOK_URL", "": "MISSING", "https://hooks.example/\x00": "BAD_TEXT",
		"https://127.0.0.1/": "PRIVATE_TARGET", "https://10.1.2.3:8443/": "PRIVATE_TARGET", "https://169.254.169.254/latest": "PRIVATE_TARGET", "https://[::1]/": "PRIVATE_TARGET", "https://[::ffff:10.0.0.1]/": "PRIVATE_TARGET",
		"https://localhost/": "PRIVATE_TARGET", "https://LOCALHOST./": "PRIVATE_TARGET", "https://a.localhost/": "PRIVATE_TARGET", "https://postgres:5432/": "PRIVATE_TARGET", "https://db.internal/": "PRIVATE_TARGET",
		"https://nas.local/": "PRIVATE_TARGET", "https://router.home.arpa/": "PRIVATE_TARGET", "https://2130706433/": "PRIVATE_TARGET", "https://127.1/": "PRIVATE_TARGET", "https://0x7f.0x1/": "PRIVATE_TARGET", "https://0177.0.0.1/": "PRIVATE_TARGET",
	} {
		got := ""
		if refusal := delivery.CheckWebhookURL(url, false); refusal != nil {
			got = refusal.Reason.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", url, got, want)
		}
	}
	for _, url := range []string{"http://127.0.0.1:8080/", "https://10.0.0.1/", "http://sms:9000/x", "https://hooks.example/"} {
		if refusal := delivery.CheckWebhookURL(url, true); refusal != nil {
			t.Errorf("%s, where private targets are allowed: got %v", url, refusal)
		}
	}
}

// An endpoint that fails is tried after 1 s, 2 s, 4 s …, at most an hour, less up to a half, and not before the receiver asked for.
func TestWebhookFailures(t *testing.T) {
	t.Parallel()
	start := time.Date(2022, 4, 12, 1, 0, 0, 0, time.UTC)
	w := &delivery.Webhook{}
	for i, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		at := start.Add(time.Duration(i) * time.Minute)
		w.Fail(delivery.DeliveryAttempt{At: at, Status: 500, Problem: delivery.ProblemRefused}, 0)
		if got := w.NextAt.Sub(at); got != want || w.Attempts != i+1 || !w.FailingSince.Equal(start) {
			t.Errorf("failure %d: got a pause of %v after %d attempts since %v, want %v", i+1, got, w.Attempts, w.FailingSince, want)
		}
	}
	for _, c := range []struct {
		a        delivery.DeliveryAttempt
		attempts int
		chance   float64
		want     time.Duration
	}{
		{delivery.DeliveryAttempt{}, 1, 1, 500 * time.Millisecond},
		{delivery.DeliveryAttempt{}, 13, 0, time.Hour},
		{delivery.DeliveryAttempt{}, 1000, 0.5, 45 * time.Minute},
		{delivery.DeliveryAttempt{RetryAfter: 7 * time.Second}, 1, 0, 7 * time.Second},
		{delivery.DeliveryAttempt{RetryAfter: 7 * time.Second}, 6, 0, 32 * time.Second},
		{delivery.DeliveryAttempt{RetryAfter: 24 * time.Hour}, 1, 0, time.Hour},
	} {
		if got := c.a.Pause(c.attempts, c.chance); got != c.want {
			t.Errorf("%+v after %d: got %v, want %v", c.a, c.attempts, got, c.want)
		}
	}
	day := 24 * time.Hour
	for _, c := range []struct {
		failing, age time.Duration
		parks, off   bool
	}{{day - 1, 30 * day, false, false}, {day, day - 1, false, false}, {day, day, true, false}, {7 * day, 0, false, true}} {
		now := start.Add(c.failing)
		if parks, off := w.Parks(now, c.age), w.GivesUp(now); parks != c.parks || off != c.off {
			t.Errorf("failing for %v, an event of %v: got parked %t, off %t", c.failing, c.age, parks, off)
		}
	}
	w.Succeed(delivery.DeliveryAttempt{At: start, Status: 200})
	if w.Attempts != 0 || w.FailingSince != nil || w.NextAt != nil || w.LastProblem != nil || *w.LastStatus != 200 || w.Parks(start.Add(9*day), 9*day) || w.GivesUp(start.Add(9*day)) {
		t.Errorf("after a success: got %+v", w)
	}
}
