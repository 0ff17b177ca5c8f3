package resolvers

import (
	"context"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"baogong/db"
	"baogong/delivery"
)

// loaders gather what one response asks of each noun into one statement a noun. They live as long as the response.
type loaders struct {
	actor delivery.Actor // who is answered; nobody where many are alike
	scope delivery.Scope // what they see
	sight delivery.Sight // and how much of it they are shown
	kin   sync.Map       // rows to the *kin they were read with

	communities *dataloader.Loader[delivery.ID, *delivery.Community]
	buildings   *dataloader.Loader[delivery.ID, *delivery.Building]
	units       *dataloader.Loader[delivery.ID, *delivery.Unit]
	households  *dataloader.Loader[delivery.ID, *delivery.Household]
	volunteers  *dataloader.Loader[delivery.ID, *delivery.Volunteer]
	suppliers   *dataloader.Loader[delivery.ID, *delivery.Supplier]
	orders      *dataloader.Loader[delivery.ID, *delivery.Order]
	holds       *dataloader.Loader[delivery.ID, *delivery.Hold]

	codes *dataloader.Loader[delivery.ID, *delivery.AccessCode]

	unitsOf    *dataloader.Loader[delivery.ID, []*delivery.Unit]    // by building
	servicesAt *dataloader.Loader[delivery.ID, []*delivery.Service] // by building
	servicesOf *dataloader.Loader[delivery.ID, []*delivery.Service] // by volunteer
	holdsOn    *dataloader.Loader[delivery.ID, []*delivery.Hold]    // by building or order
	linesOf    *dataloader.Loader[delivery.ID, []*delivery.Line]    // by order
	rosters    *dataloader.Loader[int32, *delivery.Roster]          // by community
	reveals    sync.Map                                             // pages to their loaders by household
	events     sync.Map                                             // spans to their loaders of events by order
	notes      sync.Map                                             // spans to their loaders of notes by order
}

func newLoaders(d *db.DB, a delivery.Actor, s delivery.Scope) *loaders {
	l := &loaders{actor: a, scope: s, sight: s.Sight()}
	l.communities = one(l, s, d.CommunitiesByID)
	l.buildings = one(l, s, d.BuildingsByID)
	l.units = one(l, s, d.UnitsByID)
	l.households = one(l, s, d.HouseholdsByID)
	l.volunteers = one(l, s, d.VolunteersByID)
	l.suppliers = one(l, s, d.SuppliersByID)
	l.orders = one(l, s, d.OrdersByID)
	l.holds = one(l, s, d.HoldsByID)
	l.codes = one(l, s, d.CodesByID)
	l.unitsOf = many(l, s, d.UnitsOfBuildings, func(u *delivery.Unit) delivery.ID {
		return delivery.ID{Kind: delivery.KindBuilding, Community: u.CommunityID, UUID: u.BuildingUUID}
	})
	l.servicesAt = many(l, s, d.ServicesOfBuildings, func(x *delivery.Service) delivery.ID {
		return delivery.ID{Kind: delivery.KindBuilding, Community: x.CommunityID, UUID: x.BuildingUUID}
	})
	l.servicesOf = many(l, s, d.ServicesOfVolunteers, func(x *delivery.Service) delivery.ID {
		return delivery.ID{Kind: delivery.KindVolunteer, Community: x.CommunityID, UUID: x.VolunteerUUID}
	})
	l.holdsOn = many(l, s, d.OpenHolds, func(h *delivery.Hold) delivery.ID {
		if h.OrderUUID != nil {
			return *h.OrderID()
		}
		return *h.BuildingID()
	})
	l.linesOf = many(l, s, d.LinesOfOrders, func(l *delivery.Line) delivery.ID {
		return delivery.ID{Kind: delivery.KindOrder, Community: l.CommunityID, UUID: l.OrderUUID}
	})
	l.rosters = batched(func(ctx context.Context, communities []int32) (map[int32]*delivery.Roster, error) {
		out := map[int32]*delivery.Roster{}
		for _, c := range communities { // one, but for an administrator's node query
			r, err := d.Roster(ctx, s, c)
			if err != nil {
				return nil, err
			}
			out[c] = r
		}
		return out, nil
	})
	return l
}

// eventsOf returns the loader of a span of orders' events. Fields of a response with the same span share it.
func (l *loaders) eventsOf(d *db.DB, span db.Span) *dataloader.Loader[delivery.ID, []*delivery.Event] {
	made, _ := l.events.LoadOrStore(span, many(l, l.scope, func(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Event, error) {
		return d.EventsOfOrders(ctx, s, ids, span)
	}, func(e *delivery.Event) delivery.ID {
		return delivery.ID{Kind: delivery.KindOrder, Community: e.CommunityID, UUID: *e.OrderUUID}
	}))
	return made.(*dataloader.Loader[delivery.ID, []*delivery.Event])
}

// notesOf returns the loader of a span of orders' notes, as eventsOf does.
func (l *loaders) notesOf(d *db.DB, span db.Span) *dataloader.Loader[delivery.ID, []*delivery.OrderNote] {
	made, _ := l.notes.LoadOrStore(span, many(l, l.scope, func(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.OrderNote, error) {
		return d.NotesOfOrders(ctx, s, ids, span)
	}, func(n *delivery.OrderNote) delivery.ID {
		return delivery.ID{Kind: delivery.KindOrder, Community: n.CommunityID, UUID: n.OrderUUID}
	}))
	return made.(*dataloader.Loader[delivery.ID, []*delivery.OrderNote])
}

// wait is how long a loader gathers before it reads.
const wait = time.Millisecond

// one loads rows by their own id; nil where one is not there or not visible.
func one[T delivery.Node](l *loaders, s delivery.Scope, read func(context.Context, delivery.Scope, []delivery.ID) ([]T, error)) *dataloader.Loader[delivery.ID, T] {
	return batched(func(ctx context.Context, ids []delivery.ID) (map[delivery.ID]T, error) {
		rows, err := read(ctx, s, ids)
		relate(l, rows)
		out := make(map[delivery.ID]T, len(rows))
		for _, r := range rows {
			out[r.ID()] = r
		}
		return out, err
	})
}

// many loads the rows that belong to an id, in the order they are read.
func many[T any](l *loaders, s delivery.Scope, read func(context.Context, delivery.Scope, []delivery.ID) ([]T, error), of func(T) delivery.ID) *dataloader.Loader[delivery.ID, []T] {
	return batched(func(ctx context.Context, ids []delivery.ID) (map[delivery.ID][]T, error) {
		rows, err := read(ctx, s, ids)
		relate(l, rows)
		out := make(map[delivery.ID][]T, len(ids))
		for _, id := range ids {
			out[id] = []T{}
		}
		for _, r := range rows {
			out[of(r)] = append(out[of(r)], r)
		}
		return out, err
	})
}

func batched[K comparable, V any](read func(context.Context, []K) (map[K]V, error)) *dataloader.Loader[K, V] {
	return dataloader.NewBatchedLoader(func(ctx context.Context, keys []K) []*dataloader.Result[V] {
		found, err := read(ctx, keys)
		out := make([]*dataloader.Result[V], len(keys))
		for i, k := range keys {
			out[i] = &dataloader.Result[V]{Data: found[k], Error: err}
		}
		return out
	}, dataloader.WithWait[K, V](wait))
}

func load(ctx context.Context) *loaders { return ctx.Value(loaderKey{}).(func() *loaders)() }

// get waits for one value.
func get[K comparable, V any](ctx context.Context, l *dataloader.Loader[K, V], key K) (V, error) {
	return l.Load(ctx, key)()
}

// maybe waits for the value of an id that may be absent.
func maybe[V any](ctx context.Context, l *dataloader.Loader[delivery.ID, V], id *delivery.ID) (none V, err error) {
	if id == nil {
		return none, nil
	}
	return get(ctx, l, *id)
}

// refOf is the id of a row that another names, nil if it names none.
func refOf(kind delivery.Kind, community int32, id *delivery.UUID) *delivery.ID {
	if id == nil {
		return nil
	}
	return &delivery.ID{Kind: kind, Community: community, UUID: *id}
}
