// Package walk chooses the acts of a random walk through an estate: which verb is called next, by which caller, about what. How an act is
// carried out is left to the test: by the verb itself, or as a request to the running program. Only tests import it.
package walk

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"baogong/delivery"
)

// The acts that are no mutations.
const (
	Tick    = "the clock" // time passes, and the clock worker looks
	Send    = "PUT /files"
	Deliver = "the sender" // webhooks get some events, or do not take them
)

// Act is one thing that happens on the walk.
type Act struct {
	Verb  string        // the mutation's name in the schema, or Tick or Send
	By    string        // the caller: the code of a volunteer or supplier, the address of a household, or admin
	Input any           // a pointer to the mutation's input, with a clientMutationId of its own
	Photo []byte        // the PNG to send
	Pass  time.Duration // how much time passes
}

// Key returns the act's clientMutationId.
func (a *Act) Key() string {
	return *reflect.ValueOf(a.Input).Elem().FieldByName("ClientMutationID").Interface().(*string)
}

// Options say what a walk reads and what time it is.
type Options struct {
	Seed   uint64
	Column func(query string, args ...any) []string // the first column of a statement's rows, as text
	Now    func() time.Time                         // business time
	Minute time.Duration                            // what the walk takes for a minute: less where it cannot move the clock
	Clock  bool                                     // whether Tick and Deliver are among the acts; if not, the program's own clock and sender run
}

// Walker chooses acts in the only community of a database. It has one seed and reads the rows in a fixed order, so that the same rows
// lead to the same choices.
type Walker struct {
	Options
	Called  map[string]int // by verb
	Changed map[string]int

	rng       *rand.Rand
	step      int
	secret    string // of the door codes
	community delivery.ID
	buildings []delivery.ID
	units     []delivery.ID
	homes     []delivery.ID
	suppliers map[string]delivery.ID // by code
	team      map[string]delivery.ID // by code

	everyone  []string // by whom a call may come, in the order of the rows
	commander string
	leads     []string // of the supply squad
	duty      []string
	transport []string
	desks     []string // members of the phone desk
	supply    []string // of the supply squad, with a building to serve
	takers    []string // of any squad, with a building to serve
	shops     []string
	residents map[delivery.UUID]string // by household
}

// New returns a walker through the community of the database.
func New(o Options) *Walker {
	w := &Walker{Options: o, Called: map[string]int{}, Changed: map[string]int{}, rng: rand.New(rand.NewPCG(o.Seed, 0)),
		suppliers: map[string]delivery.ID{}, team: map[string]delivery.ID{}, residents: map[delivery.UUID]string{}}
	number, err := strconv.ParseInt(o.Column("select cast(community_id as text) from communities")[0], 10, 32)
	if err != nil {
		panic(err) // the column is a number
	}
	w.community = delivery.ID{Kind: delivery.KindCommunity, Community: int32(number)}
	w.secret = o.Column("select cast(door_secret as text) from communities")[0]
	w.buildings = w.all(delivery.KindBuilding, "buildings order by code")
	w.units = w.all(delivery.KindUnit, "units order by building_id, number")
	w.homes = w.all(delivery.KindHousehold, "households order by address")
	for i, address := range o.Column("select address from households order by address") {
		w.residents[w.homes[i].UUID] = address
		w.everyone = append(w.everyone, address)
	}
	ids := w.all(delivery.KindSupplier, "suppliers order by code")
	for i, code := range o.Column("select code from suppliers order by code") {
		w.suppliers[code] = ids[i]
		w.shops = append(w.shops, code)
		w.everyone = append(w.everyone, code)
	}
	ids = w.all(delivery.KindVolunteer, "volunteers order by code")
	posts := o.Column(`select concat_ws(' ', code, squad, rank, case when exists (select from services s where s.volunteer_id = v.id) then 'SERVES' end)
		from volunteers v order by code`)
	for i, post := range posts {
		words := strings.Fields(post)
		code, squad, rank, serves := words[0], delivery.Squad(words[1]), delivery.Rank(words[2]), len(words) > 3
		w.team[code] = ids[i]
		w.everyone = append(w.everyone, code)
		switch {
		case rank == delivery.RankCommander:
			w.commander = code
		case squad == delivery.SquadSupply && rank == delivery.RankLead:
			w.leads = append(w.leads, code)
		case squad == delivery.SquadSupply && serves:
			w.supply = append(w.supply, code)
		case squad == delivery.SquadPersuasion:
			w.desks = append(w.desks, code)
		case squad == delivery.SquadDuty:
			w.duty = append(w.duty, code)
		case squad == delivery.SquadTransport:
			w.transport = append(w.transport, code)
		}
		if serves {
			w.takers = append(w.takers, code)
		}
	}
	w.everyone = append(w.everyone, "admin")
	return w
}

// Next chooses an act.
func (w *Walker) Next() *Act {
	for {
		w.step++
		name := w.verb()
		key := fmt.Sprint("walk ", w.step, " ", w.rng.Uint32())
		a := w.acts()[name].choose()
		if a == nil { // there is no row that it could be about
			continue
		}
		a.Verb = name
		if a.Input != nil {
			reflect.ValueOf(a.Input).Elem().FieldByName("ClientMutationID").Set(reflect.ValueOf(&key))
		}
		return a
	}
}

// Did notes whether a call of the verb changed anything. Verbs that have changed nothing yet are called more often.
func (w *Walker) Did(verb string, changed bool) {
	w.Called[verb]++
	if changed {
		w.Changed[verb]++
	}
}

// Effective reports whether half of the verb's calls or more have changed something.
func (w *Walker) Effective(verb string) bool {
	return w.Changed[verb] > 0 && 2*w.Changed[verb] >= w.Called[verb]
}

// Missing returns the verbs that have changed nothing yet.
func (w *Walker) Missing() []string {
	var out []string
	for _, name := range w.Verbs() {
		if w.Changed[name] == 0 {
			out = append(out, name)
		}
	}
	return out
}

// Verbs returns the names of all acts.
func (w *Walker) Verbs() []string { return slices.Sorted(maps.Keys(w.acts())) }

// Own reports whether the act is the system's own: it has no caller, and is not repeated.
func (a *Act) Own() bool { return a.Verb == Tick || a.Verb == Deliver }

// Again reports whether the act should be sent a second time.
func (w *Walker) Again() bool { return w.some(8) }

// IntN returns a random number from 0 to n-1.
func (w *Walker) IntN(n int) int { return w.rng.IntN(n) }

// verb chooses a verb by weight.
func (w *Walker) verb() string {
	acts, names := w.acts(), w.Verbs()
	weight := func(name string) int {
		if w.Changed[name] == 0 {
			return 6 * acts[name].weight
		}
		return acts[name].weight
	}
	total := 0
	for _, name := range names {
		total += weight(name)
	}
	at := w.rng.IntN(total)
	for _, name := range names {
		if at -= weight(name); at < 0 {
			return name
		}
	}
	panic("the weights do not add up")
}

// all returns the ids of the rows of a table that a condition names.
func (w *Walker) all(kind delivery.Kind, from string, args ...any) []delivery.ID {
	var out []delivery.ID
	for _, id := range w.Column("select cast(id as text) from "+from, args...) {
		out = append(out, delivery.ID{Kind: kind, Community: w.community.Community, UUID: delivery.UUID(id)})
	}
	return out
}

// ids returns up to most of them, in random order.
func (w *Walker) ids(most int, kind delivery.Kind, from string, args ...any) []delivery.ID {
	all := w.all(kind, from, args...)
	w.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(most, len(all))]
}

// one returns a random one of them, and false if there is none.
func (w *Walker) one(kind delivery.Kind, from string) (delivery.ID, bool) {
	ids := w.ids(1, kind, from)
	if len(ids) == 0 {
		return delivery.ID{}, false
	}
	return ids[0], true
}

// orders returns up to most orders at one of the stages; at any stage if none is named.
func (w *Walker) orders(most int, stages ...delivery.Stage) []delivery.ID {
	where := "orders"
	for i, s := range stages {
		where += []string{" where stage in ('", "', '"}[min(i, 1)] + string(s)
	}
	if len(stages) > 0 {
		where += "')"
	}
	return w.ids(most, delivery.KindOrder, where+" order by number")
}

// number returns a statement's only number, and false if it returns no row.
func (w *Walker) number(query string, args ...any) (int, bool) {
	rows := w.Column(query, args...)
	if len(rows) == 0 {
		return 0, false
	}
	n, err := strconv.Atoi(rows[0])
	return n, err == nil
}

func choose[T any](w *Walker, all ...T) T { return all[w.rng.IntN(len(all))] }

// some is true once in n times.
func (w *Walker) some(n int) bool { return w.rng.IntN(n) == 0 }

// by returns one of the callers who should call, and now and then any caller.
func (w *Walker) by(callers ...string) string {
	if w.some(8) {
		return choose(w, w.everyone...)
	}
	return choose(w, callers...)
}

// in returns the time some minutes from now, at most that many.
func (w *Walker) in(minutes int) *time.Time {
	return new(w.Now().Add(time.Duration(1+w.rng.IntN(minutes)) * w.Minute))
}
