package dispatch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/webhook"
	"baogong/internal/volume"
)

// listens adds an endpoint, and returns its id.
func (e *house) listens(a delivery.Actor, of *delivery.ID, url string, kinds ...delivery.EventKind) delivery.ID {
	e.t.Helper()
	p := must(e.d.Webhook.SetWebhooks(e.t.Context(), a, webhook.SetWebhooksInput{CommunityID: e.community, SupplierID: of, Webhooks: []*webhook.WebhookInput{{Name: "x", URL: url, Kinds: kinds}}}))
	if len(p.UserErrors) > 0 || p.Items[0].ID == nil {
		e.t.Fatalf("set a webhook: %v %v", p.UserErrors, p.Items)
	}
	return *p.Items[0].ID
}

func (e *house) webhook(id delivery.ID) *delivery.Webhook {
	e.t.Helper()
	return must(e.db.WebhooksByID(e.t.Context(), e.admin.Scope(), []delivery.ID{id}))[0]
}

// claim takes the leases of all endpoints that are free, as the sender does, and returns those by id.
func (e *house) claim() map[delivery.UUID]*db.HeldWebhook {
	e.t.Helper()
	out := map[delivery.UUID]*db.HeldWebhook{}
	for _, h := range must(e.db.UnscopedClaimWebhooks(e.t.Context(), time.Minute, 100)) {
		out[h.UUID] = h
	}
	return out
}

func TestSetWebhooks(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	shop := e.suppliers[1]
	in := webhook.SetWebhooksInput{ClientMutationID: new("w"), CommunityID: e.community, SupplierID: &shop, Webhooks: []*webhook.WebhookInput{
		{Name: "仓库", URL: "https://shop.example/a", Kinds: []delivery.EventKind{delivery.OrderPlaced, delivery.OrderPlaced}}, {Name: "x", URL: "https://10.0.0.1"}, {Name: "", URL: "https://shop.example"}}}
	p := must(e.d.Webhook.SetWebhooks(ctx, e.shop, in))
	results := p.Results()
	if got := fmt.Sprint(reasonsOf(results)); got != "[ PRIVATE_TARGET at webhooks.1.url MISSING at webhooks.2.name]" {
		t.Fatalf("got %s", got)
	}
	secret := *results[0].Secret
	if !strings.HasPrefix(secret, "whsec_") || len(secret) != 6+44 {
		t.Errorf("got the secret %q", secret)
	}
	if again := must(e.d.Webhook.SetWebhooks(ctx, e.shop, in)).Results(); *again[0].Secret != secret || *again[0].ID != *results[0].ID {
		t.Errorf("a retry: got %+v, want the same endpoint and secret", again[0])
	}
	if stored := e.column("select cast(outcome as text) from calls where mutation = 'setWebhooks'")[0]; strings.Contains(stored, secret[6:]) {
		t.Errorf("the secret is stored with the outcome: %s", stored)
	}
	id := *results[0].ID
	w := e.webhook(id)
	head := e.column("select cast(head as text) from feeds where community_id = $1", e.community.Community)[0]
	if fmt.Sprint(w.Position+1) != head || fmt.Sprint(w.Kinds) != "[ORDER_PLACED]" || w.Off != nil || w.Version != 1 {
		t.Errorf("got %+v, want it right before its own event %s", w, head)
	}
	change := func(a delivery.Actor, of *delivery.ID, n webhook.WebhookInput) string {
		n.ID = &id
		p := must(e.d.Webhook.SetWebhooks(ctx, a, webhook.SetWebhooksInput{CommunityID: e.community, SupplierID: of, Webhooks: []*webhook.WebhookInput{&n}}))
		if len(p.UserErrors) > 0 {
			return reasonAt(p.UserErrors[0])
		}
		return reasonsOf(p.Results())[0]
	}
	same := webhook.WebhookInput{Name: "仓库", URL: "https://shop.example/a"}
	for _, c := range []struct {
		a    delivery.Actor
		of   *delivery.ID
		want string
	}{
		{e.commander, &shop, ""}, {e.shop, &shop, ""}, {e.admin, &shop, ""}, {e.commander, nil, "NO_SUCH at webhooks.0.id"}, {e.shop, nil, "NOT_YOURS at "}, {e.pharmacy, &shop, "NOT_YOURS at "},
		{e.pharmacy, &e.suppliers[0], "NO_SUCH at webhooks.0.id"}, {e.lead, &shop, "NOT_YOURS at "}, {e.supply, nil, "NOT_YOURS at "}, {e.resident, nil, "NOT_YOURS at "},
	} {
		if got := change(c.a, c.of, same); got != c.want {
			t.Errorf("%s of %v: got %q, want %q", c.a.Role, c.of, got, c.want)
		}
	}
	off := same
	off.Off = true
	if got := change(e.shop, &shop, off); got != "" || *e.webhook(id).Off != delivery.OffByHand {
		t.Errorf("switched off: got %q, %+v", got, e.webhook(id))
	}
	off.ExpectedVersion = new(int64(1))
	if got := change(e.shop, &shop, off); got != "VERSION_CHANGED at webhooks.0.expectedVersion" {
		t.Errorf("another version: got %q", got)
	}
	empty := same
	empty.Kinds = []delivery.EventKind{}
	if got := change(e.shop, &shop, empty); got != "EMPTY_LIST at webhooks.0.kinds" {
		t.Errorf("no kinds: got %q", got)
	}
	var many webhook.SetWebhooksInput
	many.CommunityID = e.community
	for range delivery.MaxWebhooks + 1 {
		many.Webhooks = append(many.Webhooks, &webhook.WebhookInput{Name: "x", URL: "https://x.example"})
	}
	if got := reasonsOf(must(e.d.Webhook.SetWebhooks(ctx, e.commander, many)).Results()); got[9] != "" || got[10] != "TOO_MANY_WEBHOOKS at webhooks.10" {
		t.Errorf("one too many: got %v", got)
	}

	// A new secret; the old one signs for a day.
	rotate := webhook.RotateWebhookSecretInput{ClientMutationID: new("r"), WebhookID: id}
	rotated := must(e.d.Webhook.RotateWebhookSecret(ctx, e.shop, rotate))
	if *rotated.Secret() == secret || *must(e.d.Webhook.RotateWebhookSecret(ctx, e.shop, rotate)).Secret() != *rotated.Secret() {
		t.Errorf("got %s after %s, and another at a retry", *rotated.Secret(), secret)
	}
	if again := must(e.d.Webhook.SetWebhooks(ctx, e.shop, in)).Results(); again[0].Secret != nil {
		t.Error("a retry shows a secret that was replaced")
	}
	for wait, want := range map[time.Duration]int{0: 2, 25 * time.Hour: 1} {
		if got := must(e.db.UnscopedSecretsOfWebhook(ctx, id, e.clock().Add(wait))); len(got) != want || got[0].String() != *rotated.Secret() {
			t.Errorf("after %v: got %d secrets, want %d", wait, len(got), want)
		}
	}
	for range delivery.MaxSigningSecrets {
		rotated = must(e.d.Webhook.RotateWebhookSecret(ctx, e.shop, webhook.RotateWebhookSecretInput{WebhookID: id}))
	}
	if got := must(e.db.UnscopedSecretsOfWebhook(ctx, id, e.clock())); len(got) != delivery.MaxSigningSecrets || got[0].String() != *rotated.Secret() {
		t.Errorf("replaced many times: got %d secrets, want the last %d", len(got), delivery.MaxSigningSecrets)
	}
	if refused := must(e.d.Webhook.RotateWebhookSecret(ctx, e.pharmacy, webhook.RotateWebhookSecretInput{WebhookID: id})); reasonAt(refused.UserErrors[0]) != "NO_SUCH at webhookId" {
		t.Errorf("another supplier: got %v", refused.UserErrors)
	}
	if text, err := json.Marshal(rotated); err != nil || strings.Contains(string(text), "whsec_") {
		t.Errorf("the secret is part of the stored outcome: %s, %v", text, err)
	}
}

// reasonsOf returns why each result was refused, with the field.
func reasonsOf(results []*webhook.WebhookResult) []string {
	out := make([]string, len(results))
	for i, r := range results {
		if len(r.UserErrors) > 0 {
			out[i] = reasonAt(r.UserErrors[0])
		}
	}
	return out
}

// What the sender saves names its lease and the version, and leaves an endpoint whose counts are those of the feed.
func TestWebhooksAreSentByOne(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	id := e.listens(e.commander, nil, "https://x.example", delivery.OrderPlaced)
	start := e.webhook(id).Position
	for range 4 {
		e.place(e.homes[0])
	}
	seqs := func() (out []int64) {
		for _, text := range e.column("select cast(seq as text) from events where kind = 'ORDER_PLACED' and seq > $1 order by seq", start) {
			var n int64
			fmt.Sscan(text, &n)
			out = append(out, n)
		}
		return out
	}()
	h := e.claim()[id.UUID]
	if h == nil || len(e.claim()) != 0 {
		t.Fatal("an endpoint is claimed once")
	}
	waiting := func() int { return must(e.db.WaitingOfWebhooks(ctx, e.admin.Scope(), []delivery.ID{id}))[0].Events }
	if n := waiting(); n != 4 {
		t.Errorf("got %d waiting, want 4", n)
	}
	now := e.clock().Truncate(time.Microsecond)
	h.Succeed(delivery.DeliveryAttempt{At: now, Status: 200})
	mustDo(t, e.d.Webhook.SavePlace(ctx, h, seqs[0], 1))
	h.Fail(delivery.DeliveryAttempt{At: now, Problem: delivery.ProblemTimedOut}, 0)
	mustDo(t, e.d.Webhook.Park(ctx, h, seqs[1:3]))
	w := e.webhook(id)
	if got := fmt.Sprintf("%d %d %d %d %s", w.Acked, w.Parked, waiting(), w.Attempts, *w.LastProblem); got != "1 2 1 1 TIMED_OUT" {
		t.Errorf("got acked, parked, waiting %s", got)
	}
	open := func() int {
		return len(e.column("select id from incidents where kind = 'WEBHOOK_FAILING' and state <> 'RESOLVED' and level = 3 and webhook_id = $1", id.UUID))
	}
	if open() != 1 || !h.Troubled {
		t.Error("a parked event opens no incident for the command")
	}
	p := must(e.d.Webhook.ResendParked(ctx, e.commander, webhook.ResendParkedInput{WebhookIds: []delivery.ID{id}}))
	if p.Results[0].Events != 2 || e.webhook(id).Resending != 2 {
		t.Errorf("got %+v, want 2 sent again", p.Results[0])
	}
	if err := e.d.Webhook.SavePlace(ctx, h, seqs[3], 1); !errors.Is(err, webhook.ErrLeaseLost) {
		t.Errorf("saved under an earlier version: got %v", err)
	}
	mustDo(t, e.db.UnscopedReleaseWebhook(ctx, h))
	stale := h.Lease
	h = e.claim()[id.UUID]
	again := must(e.db.UnscopedParkedAgain(ctx, id, 0, 10))
	if len(again) != 2 || again[0].Seq != seqs[1] || again[1].Seq != seqs[2] || !h.Troubled {
		t.Fatalf("got %d parked events to send, want 2 in order", len(again))
	}
	mustDo(t, e.d.Webhook.Unpark(ctx, h, seqs[1:2]))
	mustDo(t, e.d.Webhook.Recover(ctx, h))
	mustDo(t, e.d.Webhook.StopResending(ctx, h, e.clock().Add(time.Hour)))
	if w := e.webhook(id); w.Acked != 2 || w.Parked != 1 || w.Resending != 0 || open() != 1 {
		t.Errorf("got %d acked, %d parked, %d sent again, want 2, 1 and 0", w.Acked, w.Parked, w.Resending)
	}
	h.Lease = stale
	if err := e.d.Webhook.SwitchOff(ctx, h, delivery.OffGone); !errors.Is(err, webhook.ErrLeaseLost) {
		t.Errorf("switched off by another lease: got %v", err)
	}
	h.Lease = delivery.UUID(e.column("select cast(lease as text) from webhooks where id = $1", id.UUID)[0])
	mustDo(t, e.d.Webhook.SwitchOff(ctx, h, delivery.OffGone))
	if w := e.webhook(id); *w.Off != delivery.OffGone || w.Version != 3 || w.Attempts == 0 || w.NextAttemptAt() != nil {
		t.Errorf("got %+v, want it off, without a next attempt", w)
	}

	// Other kinds hold from its place on, and the counts before stay.
	must(e.d.Webhook.SetWebhooks(ctx, e.commander, webhook.SetWebhooksInput{CommunityID: e.community, Webhooks: []*webhook.WebhookInput{{ID: &id, Name: "x", URL: "https://x.example"}}}))
	if w := e.webhook(id); w.CountedFrom != w.Position || w.CountedBefore != 3 || w.Off != nil || w.Attempts != 0 {
		t.Errorf("got %+v, want its counts to begin at its place", w)
	}
	archived := e.listens(e.shop, &e.suppliers[1], "https://shop.example")
	e.tell("update suppliers set archived_at = now() where id = $1", e.suppliers[1].UUID)
	if _, claimed := e.claim()[archived.UUID]; claimed {
		t.Error("the endpoint of an archived supplier is sent to")
	}
	if broken := must(e.db.UnscopedBroken(ctx)); len(broken) > 0 {
		t.Errorf("broken: %v", broken)
	}
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An endpoint that wants a rare kind and is far behind does not make each read go through the whole feed.
func TestWaitingIsCountedNearThePosition(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	rare := e.listens(e.commander, nil, "https://x.example", delivery.OrderPlaced)
	all := e.listens(e.commander, nil, "https://y.example")
	e.place(e.homes[0])
	if _, err := e.db.Pool().ExecContext(ctx, `
		with more as (
			insert into events (community_id, seq, kind, at, by_role, by_id, body)
			select e.community_id, f.head + n, e.kind, e.at, e.by_role, e.by_id, e.body
			  from feeds f
			  join lateral (select * from events x where x.community_id = f.community_id and x.kind = 'WEBHOOK_SAVED' order by x.seq limit 1) e on true
			 cross join generate_series(1, $2) n
			 where f.community_id = $1
			returning seq)
		update feeds set head = (select max(seq) from more) where community_id = $1`, e.community.Community, volume.InCI(20_000, 100_000)); err != nil {
		t.Fatal(err)
	}
	e.place(e.homes[0])
	waiting := func() map[delivery.UUID]int {
		out := map[delivery.UUID]int{}
		for _, w := range must(e.db.WaitingOfWebhooks(ctx, e.admin.Scope(), []delivery.ID{rare, all})) {
			out[w.UUID] = w.Events
		}
		return out
	}
	if got := waiting(); got[rare.UUID] != 1 || got[all.UUID] != delivery.MaxWebhookWaiting {
		t.Errorf("at the beginning: got %d of a rare kind and %d of all, want 1 and %d", got[rare.UUID], got[all.UUID], delivery.MaxWebhookWaiting)
	}
	near := e.column("select cast(head - 9000 as text) from feeds where community_id = $1", e.community.Community)[0]
	if _, err := e.db.Pool().ExecContext(ctx, "update webhooks set position = cast($2 as bigint), counted_from = cast($2 as bigint) where community_id = $1", e.community.Community, near); err != nil {
		t.Fatal(err)
	}
	if got := waiting(); got[rare.UUID] != 1 || got[all.UUID] != 9000 {
		t.Errorf("near the head: got %d of a rare kind and %d of all, want 1 and 9000", got[rare.UUID], got[all.UUID])
	}
}
