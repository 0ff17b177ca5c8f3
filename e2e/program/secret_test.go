package program_test

import (
	"bytes"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/e2e/house"
)

// TestSecretsAreNotLogged checks the log of the whole program at the debug level.
func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log bytes.Buffer
	h := house.Build(t, dbtest.DSN(t), house.Setup{Log: slog.NewTextHandler(writer(func(line []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(line)
	}), &slog.HandlerOptions{Level: slog.LevelDebug})})
	const secret = "open-sesame"
	for _, credential := range []string{"dev:" + secret, secret, "dev:" + secret + "@" + secret} {
		if got := h.Ask("", `{ me { role } }`, nil, "Authorization", "Bearer "+credential).Code(); got != "UNAUTHENTICATED" {
			t.Errorf("%s: got %q, want UNAUTHENTICATED", credential, got)
		}
	}
	h.Ask("admin", `query ($i: ID!) { node(id: $i) { id } }`, obj{"i": secret})
	h.Ask("admin", `query ($i: ID!, $c: String) { orders(communityId: $i, after: $c) { totalCount } }`, obj{"i": "AQEAAAAB", "c": secret})
	if err := h.Stop(); err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "route=/graphql") || strings.Contains(text, secret) {
		t.Errorf("got the log\n%s", text)
	}
}

// TestTextsOfPeopleAreNotLogged: at the debug level too, the log holds nothing of what people ask and are answered, of numbers to call back, errands, tasks and
// notices, whether a call succeeds or is refused.
func TestTextsOfPeopleAreNotLogged(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log bytes.Buffer
	clock := house.NewClock()
	h := house.Build(t, dbtest.DSN(t), house.Setup{Now: clock.Now, Log: slog.NewTextHandler(writer(func(line []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(line)
	}), &slog.HandlerOptions{Level: slog.LevelDebug})})
	e := h.Estate("DONGCHEN", clock)
	e.Desk()
	boss, home := e.As("C01"), e.Homes["E6-1-1403"]
	const said, phone = "隐私内容", "13344445555"
	asked := e.Enquiry(boss, obj{"householdId": home, "phone": phone, "text": said})
	e.Must(e.As("Q01"), `mutation ($c: ID!, $q: ID!, $a: String!) {
		takeEnquiry(input: { communityId: $c, enquiryId: $q }) { callBack userErrors { message } }
		closeEnquiry(input: { enquiryId: $q, outcome: ANSWERED, answer: $a }) { userErrors { message } }
	}`, obj{"c": e.Community, "q": asked, "a": said}, &struct{}{})
	errand := e.PlaceAs(boss, obj{"householdId": home, "channel": "ERRAND", "errandKind": "HOSPITAL", "takerId": e.Team["S01"], "note": said,
		"lines": []obj{{"item": said, "quantity": 1, "unit": "次"}}})
	e.Must(boss, `mutation ($o: ID!, $c: ID!, $h: ID!, $s: String!, $at: DateTime!) {
		answerErrand(input: { orderId: $o, answer: $s }) { userErrors { message } }
		createTasks(input: { communityId: $c, squad: PERSUASION, tasks: [{ kind: VISIT, title: $s, place: $s, householdId: $h, dueAt: $at }] }) { userErrors { message } }
		publishNotice(input: { communityId: $c, kind: NOTICE, title: $s, body: $s }) { userErrors { message } }
		setWebhooks(input: { communityId: $c, webhooks: [{ name: $s, url: "https://x.example/", off: true }] }) { userErrors { message } }
	}`, obj{"o": errand, "c": e.Community, "h": home, "s": said, "at": clock.Now()}, &struct{}{})
	long := strings.Repeat(said, 1000)
	for _, refused := range []string{`logEnquiry(input: { communityId: $c, kind: QUESTION, way: PHONE, householdId: $h, text: $s }) { userErrors { code } }`,
		`closeEnquiry(input: { enquiryId: $h, outcome: ANSWERED, answer: $s }) { userErrors { code } }`,
		`publishNotice(input: { communityId: $c, kind: NOTICE, title: $s }) { userErrors { code } }`} {
		h.Ask(boss, `mutation ($c: ID!, $h: ID!, $s: String!) { `+refused+` m: __typename }`, obj{"c": e.Community, "h": home, "s": long})
		h.Ask(boss, `mutation ($c: ID!, $h: ID!) { `+strings.ReplaceAll(refused, "$s", strconv.Quote(said))+` }`, obj{"c": "x", "h": said})
	}
	if err := h.Stop(); err != nil {
		t.Error(err)
	}
	text := log.String()
	if !strings.Contains(text, "route=/graphql") {
		t.Errorf("got the log\n%s", text)
	}
	for _, secret := range []string{said, phone} {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("the log holds %s: …%s", secret, text[max(0, at-300):min(len(text), at+100)])
		}
	}
}

// writer is a function that is written to.
type writer func([]byte) (int, error)

func (w writer) Write(line []byte) (int, error) { return w(line) }

// A thousand panics with stack traces, provoked by an anonymous caller, write a few log lines, which count the others.
func TestPanicsWriteFewLines(t *testing.T) {
	t.Parallel()
	const panics = 1000
	var mu sync.Mutex
	var log bytes.Buffer
	h := house.Build(t, dbtest.DSN(t), house.Setup{
		Change: func(s *app.ServerSettings) { s.Operations, s.Cost = 0, 0 },
		Machine: func() time.Time {
			if bytes.Contains(debug.Stack(), []byte("RedeemCode")) {
				panic("no clock")
			}
			return time.Now()
		},
		Log: slog.NewTextHandler(writer(func(line []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return log.Write(line)
		}), nil)})
	began := time.Now()
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range panics / 4 {
				a := h.Ask("", `mutation { redeemCode(input: {code: "AAAA-BBBB-CCCC-DDDD"}) { token } }`, nil)
				if a.Code() != "INTERNAL" {
					t.Errorf("got %+v, want INTERNAL", a.Errors)
					return
				}
			}
		})
	}
	callers.Wait()
	if err := h.Stop(); err != nil {
		t.Error(err)
	}
	lines, told := 0, 0
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "level=ERROR") {
			lines++
			told++
		}
		if _, number, found := strings.Cut(line, "left_out="); found {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil {
				t.Fatal(err)
			}
			told += n
		}
	}
	if most := int(time.Since(began)/time.Second) + 2; lines > most || told != panics {
		t.Errorf("got %d lines that tell of %d panics, want at most %d and %d", lines, told, most, panics)
	}
}
