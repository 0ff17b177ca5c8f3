package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/server/limit"
)

// TestSubscriptionsPerAccount checks the limits of an account's subscriptions and of their arguments, over all its connections
// and both transports.
func TestSubscriptionsPerAccount(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.AccountSubscriptions, o.Limits.AccountRetained = 3, 1000 })
	const li, wang = `{"Authorization":"Bearer li"}`, `{"Authorization":"Bearer wang"}`
	refused := func(p *peer, id, query, reason string) {
		t.Helper()
		p.subscribe(id, query)
		if got := p.read(); !strings.Contains(got, `"type":"error"`) || !strings.Contains(got, "RATE_LIMITED") || !strings.Contains(got, `"retryAfterSeconds":10`) || !strings.Contains(got, reason) {
			t.Errorf("got %s, want RATE_LIMITED: %s", got, reason)
		}
	}
	first, second := b.greeted(t, li), b.greeted(t, li)
	first.join(b, belted, "", "a")
	second.join(b, belted, "", "b")
	b.stream(t, `subscription{belt(of:"c")}`, "Authorization", "Bearer li")
	await(t, "the stream", b.entered)
	refused(first, "2", `subscription{belt(of:"d")}`, "3 subscriptions")
	got := b.post(t, `subscription{belt(of:"d")}`, "Authorization", "Bearer li", "Accept", "text/event-stream")
	if !strings.Contains(got.body, "RATE_LIMITED") {
		t.Errorf("an event stream: got %s", got.body)
	}
	other := b.greeted(t, wang)
	other.join(b, belted, "", "a")
	first.send(`{"id":"1","type":"complete"}`)
	b.grouped(t, 3)
	first.join(b, belted, "", "e")

	long := strings.Repeat("x", 600)
	other.send(fmt.Sprintf(strings.Replace(onBelt, `"1"`, `"2"`, 1), belted, "", long))
	await(t, "the long filter", b.entered)
	other.send(fmt.Sprintf(strings.Replace(onBelt, `"1"`, `"3"`, 1), belted, "", long))
	if got := other.read(); !strings.Contains(got, "RATE_LIMITED") || !strings.Contains(got, "1000 bytes") {
		t.Errorf("got %s, want RATE_LIMITED: the filters are too long", got)
	}
	other.send(`{"id":"2","type":"complete"}`)
	b.grouped(t, 4)
	other.send(fmt.Sprintf(strings.Replace(onBelt, `"1"`, `"4"`, 1), belted, "", long))
	await(t, "the long filter in place of the other", b.entered)
	for _, p := range []*peer{first, second, other} {
		_ = p.Close()
	}
	b.stop()
	inTime(t, "nothing is held any more", func() bool { return b.server.answers.Paying() == 0 })
}

// TestDeliveriesArePaid has one account open unshared subscriptions. Its deliveries wait when its bucket is half empty, while
// another's come at once and its own operations go on. It is not closed as slow, and gets each event once, in order.
func TestDeliveriesArePaid(t *testing.T) {
	t.Parallel()
	const subscriptions, events, perSecond = 20, 100, 2000
	b := setup(t, func(o *Options) {
		o.Limits.AccountCost = limit.Rate{PerSecond: perSecond}
		o.Limits.SlowAfter = 300 * time.Millisecond
	})
	heavy, light := b.greeted(t, `{"Authorization":"Bearer li"}`), b.greeted(t, `{"Authorization":"Bearer wang"}`)
	for i := range subscriptions {
		heavy.subscribe(itoa(i), fmt.Sprintf("subscription{a%d:belt}", i)) // another alias: an execution of its own
		await(t, "the subscription", b.entered)
	}
	light.subscribe("1", "subscription{belt}")
	await(t, "the subscription", b.entered)
	b.grouped(t, subscriptions+1)
	begun := time.Now()
	b.belt.add(events)
	for range events {
		light.read()
	}
	lights := time.Since(begun)
	if got := b.post(t, "{hello}", "Authorization", "Bearer li"); got.code != "" {
		t.Errorf("an operation of the account whose deliveries wait: got %s", got.body)
	}
	last := [subscriptions]int{}
	for range subscriptions * events {
		text := heavy.read()
		var i, alias, n int
		if _, err := fmt.Sscanf(text, `{"id":"%d","type":"next","payload":{"data":{"a%d":"%d"`, &i, &alias, &n); err != nil || i != alias || n != last[i]+1 {
			t.Fatalf("got %s after %d, %v", text, last[i], err)
		}
		last[i] = n
	}
	// Each answer is made for one subscriber, for 2 points; half of the burst is available at once.
	least := time.Duration(float64(2*subscriptions*events-perSecond/2) / perSecond * float64(time.Second))
	if took := time.Since(begun); took < least*9/10 || took < lights {
		t.Errorf("the deliveries of one account took %v and those of another %v, want at least %v for what costs so much", took, lights, least)
	}
	if got := b.server.Stats().Closes; len(got) > 0 {
		t.Errorf("got %v closed", got)
	}
}

// TestFailedAnswers has answers fail. A temporary failure is retried and not sent; any other failure of a non-null root field
// ends the subscription with the error.
func TestFailedAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prompt  bool
		failure delivery.Reason
		want    string
	}{
		"a state that cannot be read now":  {false, delivery.ReasonUnavailable, `{"id":"1","type":"next","payload":{"data":{"belt":"1"}}}`},
		"one for which too many wait":      {false, delivery.ReasonTooFast, `{"id":"1","type":"next","payload":{"data":{"belt":"1"}}}`},
		"a state that is broken":           {false, delivery.ReasonInternal, "INTERNAL"},
		"a state that is not there":        {false, delivery.ReasonNoSuch, "NOT_FOUND"},
		"an event that cannot be read now": {true, delivery.ReasonUnavailable, "UNAVAILABLE"},
		"an event that is broken":          {true, delivery.ReasonInternal, "INTERNAL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(o *Options) { o.Rules.Inline = map[string]bool{"belt": c.prompt} })
			b.failure = c.failure
			b.failing.Store(2)
			first, second := b.greeted(t, ""), b.greeted(t, "")
			first.join(b, belted, "", "")
			second.join(b, belted, "", "")
			b.grouped(t, 2)
			b.belt.add(1)
			for _, p := range []*peer{first, second} {
				got := p.read()
				if strings.HasPrefix(c.want, "{") && got != c.want || !strings.Contains(got, c.want) || strings.Contains(got, "null") {
					t.Errorf("got %s, want %s", got, c.want)
				}
				if c.want[0] != '{' && !strings.Contains(got, `"type":"error"`) {
					t.Errorf("got %s, want the end", got)
				}
			}
		})
	}
}
