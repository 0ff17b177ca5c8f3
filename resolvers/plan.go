package resolvers

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"baogong/delivery"
)

// Plan compiles an operation of orderEvents or events to a function that appends the data of an event to a buffer. It writes the same bytes
// as the executor, in a seventh of the time (BenchmarkPlan), from the event alone; a test compares the two. Directives are
// applied with the operation's variables first, so the plan serves every operation with the same remaining selection. The
// function reports false for an event that the executor must answer. Plan returns nil for other operations.
func (r *Resolver) Plan(op *graphql.OperationContext) func(buffer []byte, value any, scope *delivery.Scope) ([]byte, bool) {
	roots := graphql.CollectFields(op, op.Operation.SelectionSet, nil)
	if len(roots) != 1 {
		return nil
	}
	of, known := planned[roots[0].Name]
	if !known {
		return nil
	}
	event, ok := compile(op, roots[0], of.typename, of.parts)
	if !ok {
		return nil
	}
	root := []byte(`{"` + roots[0].Alias + `":`)
	return func(buffer []byte, value any, scope *delivery.Scope) ([]byte, bool) {
		e, ok := value.(*delivery.Event)
		if !ok || e.Order == nil && of.ofOrder || e.At.IsZero() || e.Order != nil && (e.Order.StageSince.IsZero() || e.Order.PlacedAt.IsZero() || e.Order.MovedAt.IsZero()) {
			return nil, false // null in a non-null position: the executor makes the error
		}
		p := part{event: e, order: e.Order, sight: scope.Sight()}
		if head, known := r.Hub.Head(e.CommunityID); known {
			p.cursor = func() string {
				return r.Keys.FeedCursor(delivery.Position{Community: e.CommunityID, Epoch: head.Epoch, Seq: e.Seq})
			}
		} else {
			return nil, false
		}
		return append(event.append(append(buffer, root...), &p), '}'), true
	}
}

// planned are the subscriptions that have plans, and the types of their events.
var planned = map[string]struct {
	typename string
	parts    parts
	ofOrder  bool // each event has an order
}{
	"orderEvents": {"OrderEvent", eventParts, true},
	"events":      {"Activity", activityParts, false},
}

// part is the source that a plan's fields are read from.
type part struct {
	event  *delivery.Event
	order  *delivery.OrderSnapshot // nil for an event of no order
	number delivery.ActivityNumber // of the list that is being written
	sight  delivery.Sight
	cursor func() string
}

// object is the selected fields of an object, in order.
type object []field

type field struct {
	key    []byte // with the bytes before it
	scalar func([]byte, *part) []byte
	object object // in place of scalar
	times  times  // of the object
}

// times is how often an object is written.
type times int

const (
	always  times = iota
	ofOrder       // null if the event is of no order
	numbers       // a list, once for each number of the event
)

func (o object) append(b []byte, p *part) []byte {
	if len(o) == 0 { // directives removed every field
		return append(b, "{}"...)
	}
	for i := range o {
		b = append(b, o[i].key...)
		switch {
		case o[i].scalar != nil:
			b = o[i].scalar(b, p)
		case o[i].times == ofOrder && p.order == nil:
			b = append(b, null...)
		case o[i].times == numbers:
			b = o[i].object.appendNumbers(b, p)
		default:
			b = o[i].object.append(b, p)
		}
	}
	return append(b, '}')
}

// appendNumbers appends the object for each number of the event.
func (o object) appendNumbers(b []byte, p *part) []byte {
	b = append(b, '[')
	for i, n := range p.event.Numbers() {
		if i > 0 {
			b = append(b, ',')
		}
		p.number = n
		b = o.append(b, p)
	}
	return append(b, ']')
}

// parts are the fields of a type: how to append a scalar, or the parts of an object.
type parts map[string]any

// compile compiles a selection. It reports false if a selected field is not among the parts.
func compile(op *graphql.OperationContext, of graphql.CollectedField, typename string, from parts) (out object, ok bool) {
	for i, f := range graphql.CollectFields(op, of.Selections, []string{typename}) {
		start := `,"`
		if i == 0 {
			start = `{"`
		}
		one := field{key: []byte(start + f.Alias + `":`)}
		switch how := from[f.Name].(type) {
		case func([]byte, *part) []byte:
			one.scalar = how
		case inner:
			one.times = how.times
			if one.object, ok = compile(op, f, how.typename, how.parts); !ok {
				return nil, false
			}
		default:
			if f.Name != "__typename" {
				return nil, false
			}
			name := `"` + typename + `"`
			one.scalar = func(b []byte, _ *part) []byte { return append(b, name...) }
		}
		out = append(out, one)
	}
	return out, true
}

type inner struct {
	typename string
	parts    parts
	times    times
}

// add adds fields, for files of nouns that have fields on a type. It panics if a field is already there.
func (p parts) add(more parts) parts { //nolint:unparam // "var _ =" runs it
	for name, how := range more {
		if p[name] != nil {
			panic("field " + name + " is declared twice")
		}
		p[name] = how
	}
	return p
}

// eventParts are the fields of every event. The fields of one noun's events stand in that noun's file.
var eventParts = parts{
	"cursor": func(b []byte, p *part) []byte { return quote(b, p.cursor()) },
	"kind":   func(b []byte, p *part) []byte { return quote(b, string(p.event.Kind)) },
	"at":     func(b []byte, p *part) []byte { return instant(b, p.event.At) },
	"by":     inner{"Actor", actorParts, always},
	"order":  inner{"OrderSnapshot", snapshotParts, always},
}

// activityParts are the fields of an activity.
var activityParts = parts{
	"cursor":    eventParts["cursor"],
	"kind":      eventParts["kind"],
	"at":        eventParts["at"],
	"by":        eventParts["by"],
	"subjectId": func(b []byte, p *part) []byte { return id(b, p.event.SubjectID()) },
	"order":     inner{"OrderSnapshot", snapshotParts, ofOrder},
	"numbers":   inner{"ActivityNumber", numberParts, numbers},
}

var numberParts = parts{
	"name":  func(b []byte, p *part) []byte { return quote(b, p.number.Name) },
	"value": func(b []byte, p *part) []byte { return strconv.AppendInt(b, int64(p.number.Value), 10) },
}

var actorParts = parts{
	"role": func(b []byte, p *part) []byte { return quote(b, string(p.event.ByRole)) },
	"id":   func(b []byte, p *part) []byte { return maybeID(b, p.sight.Doer(p.event.By())) },
}

var snapshotParts = parts{
	"orderId":     func(b []byte, p *part) []byte { return id(b, p.order.OrderID()) },
	"number":      func(b []byte, p *part) []byte { return strconv.AppendInt(b, p.order.Number, 10) },
	"stage":       func(b []byte, p *part) []byte { return quote(b, string(p.order.Stage)) },
	"stageSince":  func(b []byte, p *part) []byte { return instant(b, p.order.StageSince) },
	"version":     func(b []byte, p *part) []byte { return strconv.AppendInt(b, p.order.Version, 10) },
	"channel":     func(b []byte, p *part) []byte { return quote(b, string(p.order.Channel)) },
	"placedAt":    func(b []byte, p *part) []byte { return instant(b, p.order.PlacedAt) },
	"movedAt":     func(b []byte, p *part) []byte { return instant(b, p.order.MovedAt) },
	"deliveredAt": func(b []byte, p *part) []byte { return maybeInstant(b, p.order.DeliveredAt) },
	"held":        func(b []byte, p *part) []byte { return strconv.AppendBool(b, p.order.Held()) },
	"actsNext":    func(b []byte, p *part) []byte { return quote(b, string(p.order.ActsNext())) },
	"holderId":    func(b []byte, p *part) []byte { return maybeID(b, p.order.HolderID()) },
	"bags":        func(b []byte, p *part) []byte { return strconv.AppendInt(b, int64(p.order.Bags()), 10) },
	"bagsIn":      func(b []byte, p *part) []byte { return strconv.AppendInt(b, int64(p.order.BagsIn), 10) },
	"buildingId":  func(b []byte, p *part) []byte { return id(b, p.order.BuildingID()) },
	"unitId":      func(b []byte, p *part) []byte { return id(b, p.order.UnitID()) },
	"householdId": func(b []byte, p *part) []byte { return id(b, p.order.HouseholdID()) },
	"supplierId":  func(b []byte, p *part) []byte { return maybeID(b, p.order.SupplierID()) },
	"totalFen":    func(b []byte, p *part) []byte { return strconv.AppendInt(b, p.order.TotalFen, 10) },
}

const null = "null"

// quote appends a text as JSON. Plain texts need no escapes; others are written as gqlgen writes them.
func quote(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			var written, escaped bytes.Buffer
			graphql.MarshalString(text).MarshalGQL(&written)
			json.HTMLEscape(&escaped, written.Bytes())
			return append(b, escaped.Bytes()...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

func maybeText[T ~string](b []byte, text *T) []byte {
	if text == nil {
		return append(b, null...)
	}
	return quote(b, string(*text))
}

func maybeNumber(b []byte, n *int64) []byte {
	if n == nil {
		return append(b, null...)
	}
	return strconv.AppendInt(b, *n, 10)
}

func instant(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func maybeInstant(b []byte, t *time.Time) []byte {
	if t == nil || t.IsZero() {
		return append(b, null...)
	}
	return instant(b, *t)
}

func id(b []byte, i delivery.ID) []byte { return quote(b, i.String()) }

func maybeID(b []byte, i *delivery.ID) []byte {
	if i == nil {
		return append(b, null...)
	}
	return id(b, *i)
}
