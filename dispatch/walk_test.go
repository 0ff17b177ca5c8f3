package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/verbs"
	"baogong/dispatch/walk"
	"baogong/internal/photo"
	"baogong/internal/volume"
)

// In any order of the verbs, by callers in any role, each call succeeds or is refused, a retry changes nothing and gets the same answer,
// the equations hold, and no order is lost. BAOGONG_WALK_SEED takes the choices of a failed walk again, and checks after every step.
func TestWalk(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	seed, every := rand.Uint64(), 200
	if s := os.Getenv("BAOGONG_WALK_SEED"); s != "" {
		seed, every = must(strconv.ParseUint(s, 10, 64)), 1
	}
	w := newWalker(t, seed)
	for w.step < walkSteps || len(w.Missing()) > 0 && w.step < 4*walkSteps {
		w.take(w.Next())
		if w.step++; w.step%every == 0 {
			w.check()
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	w.check()
	for _, name := range w.Missing() {
		t.Errorf("%s: called %d times and never changed anything", name, w.Called[name])
	}
}

// notWalked are the mutations that no walk calls.
var notWalked = map[string][]string{
	"set up the estate, which a walk finds set up": {"createBuildings", "createCommunities", "createHouseholds", "createSuppliers", "createUnits", "createVolunteers", "importEstate", "updateUnits"},
	"are about accounts, and move no order": {"createInvitations", "endSessions", "issueCards", "redeemCode", "refreshToken", "revokeCodes", "shareOrder",
		"signOut"},
	"make a plan, and move no order":                     {"planDay"},
	"show personal data, and change no row of the chain": {"revealContact", "revealRound"},
}

// Each mutation is called by the walk, or left out for a reason.
func TestTheWalkKnowsEveryVerb(t *testing.T) {
	t.Parallel()
	w := newWalker(t, 1)
	walked := w.Verbs()
	var left []string
	for _, names := range notWalked {
		left = append(left, names...)
	}
	for name := range verbMethods() {
		name = strings.ToLower(name[:1]) + name[1:]
		if slices.Contains(walked, name) == slices.Contains(left, name) {
			t.Errorf("%s must be among the walk's acts or among the mutations that are left out", name)
		}
	}
}

// walker takes a walk by calling the verbs.
type walker struct {
	*house
	*walk.Walker
	step   int
	verbs  map[string]reflect.Value
	actors map[string]delivery.Actor // by name, as they are now
	recent []string                  // calls with their answers, the last ones
}

func newWalker(t *testing.T, seed uint64) *walker {
	e := newEstate(t)
	w := &walker{house: e, verbs: map[string]reflect.Value{}, actors: map[string]delivery.Actor{},
		Walker: walk.New(walk.Options{Seed: seed, Column: e.column, Now: e.time, Minute: time.Minute, Clock: true})}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("BAOGONG_WALK_SEED=%d takes the same choices again. The last calls:\n%s", seed, strings.Join(w.recent, "\n"))
		}
	})
	for area, v := range reflect.ValueOf(*e.d).Fields() {
		if area.Type == reflect.TypeFor[*verbs.All]().Elem() || area.Anonymous {
			continue
		}
		for m, do := range v.Methods() {
			w.verbs[strings.ToLower(m.Name[:1])+m.Name[1:]] = do
		}
	}
	return w
}

// take carries out an act, and now and then once more: the retry changes nothing and gets the same answer.
func (w *walker) take(a *walk.Act) {
	before := w.head()
	answer, ok := w.do(a)
	if !ok {
		return
	}
	after := w.head()
	changed := after > before
	if a.Verb == walk.Send || a.Verb == walk.Deliver {
		changed = true
	}
	w.Did(a.Verb, changed)
	if strings.HasPrefix(a.Verb, "update") { // who may call, and as what, may be different now
		clear(w.actors)
	}
	if !a.Own() && w.Again() {
		if again, _ := w.do(a); again != answer || w.head() != after {
			w.t.Errorf("a retry of %s: got %s and head %d, want %s and head %d", a.Verb, again, w.head(), answer, after)
		}
	}
}

// do carries out an act once and returns its answer as JSON. It reports false if the caller is archived and cannot sign in.
func (w *walker) do(a *walk.Act) (answer string, ok bool) {
	if a.Verb == walk.Tick {
		w.pass(a.Pass)
		if err := w.d.Tick(w.t.Context()); err != nil {
			w.t.Fatalf("step %d: the clock: %v", w.step, err)
		}
		w.note(walk.Tick)
		return "", true
	}
	if a.Verb == walk.Deliver {
		w.deliver()
		w.note(a.Verb)
		return "", true
	}
	by, known := w.actors[a.By]
	if !known {
		var err error
		if by, err = w.db.UnscopedActorNamed(w.t.Context(), a.By, w.code); err != nil {
			if delivery.CodeOf(err) == delivery.CodeUnauthenticated {
				return "", false
			}
			w.t.Fatal(err)
		}
		w.actors[a.By] = by
	}
	if a.Verb == walk.Send {
		f, err := w.d.File.Keep(w.t.Context(), by, w.community.Community, photo.PNG, a.Photo)
		if refusal := delivery.AsError(err); refusal != nil {
			return refusal.Reason.String(), true
		} else if err != nil {
			w.t.Fatalf("step %d: %v", w.step, err)
		}
		w.note(fmt.Sprint(a.Verb, " by ", a.By))
		return f.ID().String(), true
	}
	out := w.verbs[a.Verb].Call([]reflect.Value{reflect.ValueOf(w.t.Context()), reflect.ValueOf(by), reflect.ValueOf(a.Input).Elem()})
	answer = asJSON(out[0].Interface())
	w.note(fmt.Sprintf("%s by %s: %s\n%s", a.Verb, a.By, asJSON(a.Input), answer))
	if err, _ := reflect.TypeAssert[error](out[1]); err != nil {
		w.t.Fatalf("step %d: %v", w.step, err)
	}
	return answer, true
}

// deliver has the webhooks get some events of the feed and some that were parked. Some receivers take them, and some do not.
func (w *walker) deliver() {
	ctx := w.t.Context()
	for _, h := range must(w.db.UnscopedClaimWebhooks(ctx, time.Minute, 100)) {
		events, _, err := w.db.UnscopedEvents(ctx, h.CommunityID, h.Position, 1+w.IntN(40))
		if err != nil {
			w.t.Fatal(err)
		}
		filter, scope, attempt := h.Filter(), h.Follower().Scope(), delivery.DeliveryAttempt{At: w.clock().Truncate(time.Microsecond), Status: 200}
		var seqs []int64
		for _, e := range events {
			if filter.Shows(&scope, e) {
				seqs = append(seqs, e.Seq)
			}
		}
		switch taken := w.IntN(2) == 0; {
		case len(events) == 0:
		case taken || len(seqs) == 0:
			h.Succeed(attempt)
			err = w.d.Webhook.SavePlace(ctx, h, events[len(events)-1].Seq, len(seqs))
		default:
			h.Fail(attempt, 0)
			err = w.d.Webhook.Park(ctx, h, seqs)
		}
		var again []int64
		for _, p := range must(w.db.UnscopedParkedAgain(ctx, h.ID(), 0, 1+w.IntN(40))) {
			again = append(again, p.Seq)
		}
		switch {
		case err != nil || len(again) == 0:
		case w.IntN(3) == 0:
			err = w.d.Webhook.StopResending(ctx, h, w.clock().Add(time.Hour))
		default:
			if err = w.d.Webhook.Unpark(ctx, h, again); err == nil && h.Troubled {
				err = w.d.Webhook.Recover(ctx, h)
			}
		}
		if err == nil && w.IntN(20) == 0 {
			err = w.d.Webhook.SwitchOff(ctx, h, delivery.OffGone)
		}
		if err = errors.Join(err, w.db.UnscopedReleaseWebhook(ctx, h)); err != nil {
			w.t.Fatalf("step %d: send to an endpoint: %v", w.step, err)
		}
	}
}

// note keeps the last 30 calls for the report of a failure.
func (w *walker) note(call string) {
	w.recent = append(w.recent, fmt.Sprint(w.step, " ", call))
	w.recent = w.recent[max(0, len(w.recent)-30):]
}

func asJSON(v any) string { return string(must(json.Marshal(v))) }

// head is the feed's last position.
func (w *walker) head() int64 {
	return must(strconv.ParseInt(w.column("select head from feeds")[0], 10, 64))
}

// check compares the books, the rows with their events, and the board with the rows.
func (w *walker) check() {
	w.t.Helper()
	w.checkBooks()
	w.checkNeverLost()
	board := must(w.db.Board(context.WithoutCancel(w.t.Context()), w.commander.Scope(), w.community.Community, w.time(), w.time().Add(-24*time.Hour), w.time()))
	if want := w.column("select cast(count(*) as text) from orders where stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')")[0]; strconv.Itoa(board.Open) != want {
		w.t.Errorf("the board counts %d open orders, want %s", board.Open, want)
	}
}
