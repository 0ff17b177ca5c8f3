package delivery

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// EventKind is the kind of an event. New kinds may be added: ignore kinds you do not know.
type EventKind string

// eventSpec is what this release knows of one kind of event. A kind stands in the file of the noun that it is about: its
// constant, the type of its body, its fold rule, and `var _ = addKind(eventSpec{…})`.
type eventSpec struct {
	kind  EventKind
	body  reflect.Type                                                  // the struct that Event.Body points to; nil if the kind adds nothing
	fold  func(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) // the rule of an order's event (see Fold); nil for other kinds
	board boardEffect

	about  Kind                                    // of the row that the body names, unless the event is of an order
	row    func(body any) (UUID, []ActivityNumber) // that row, and the numbers to show (rowOf); nil: the community
	team   bool                                    // shown to the team only
	whole  bool                                    // not shown with links
	hidden bool                                    // never shown as an activity

	members []string     // the JSON names of the body's fields
	stored  reflect.Type // bodyHead with the body embedded as a pointer
}

// boardEffect says which boards an event that is not of an order may change.
type boardEffect int

const (
	everyBoard    boardEffect = iota
	boardsThatSee             // only those of viewers who see the event
	noBoard
)

var (
	eventSpecs = map[EventKind]*eventSpec{} // complete once the package is initialised
	bodyTypes  []reflect.Type               // each type of body once
)

// addKind adds a kind to the table. It panics if the kind is already there, or if a field of the body has no JSON name of its
// own.
func addKind(s eventSpec) *eventSpec {
	if eventSpecs[s.kind] != nil {
		panic(fmt.Sprintf("event kind %s is declared twice", s.kind))
	}
	stored := reflect.VisibleFields(reflect.TypeFor[bodyHead]())
	if s.body != nil {
		for field := range s.body.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" || name == "-" || name == "v" || name == "order" {
				panic(fmt.Sprintf("%s.%s needs a JSON name of its own", s.body, field.Name))
			}
			s.members = append(s.members, name)
		}
		stored = append(stored, reflect.StructField{Name: s.body.Name(), Type: reflect.PointerTo(s.body), Anonymous: true})
		if !slices.Contains(bodyTypes, s.body) {
			bodyTypes = append(bodyTypes, s.body)
		}
	}
	s.stored = reflect.StructOf(stored)
	eventSpecs[s.kind] = &s
	return &s
}

// EventKinds lists the kinds that this release appends, sorted by name.
func EventKinds() []EventKind { return slices.Sorted(maps.Keys(eventSpecs)) }

// hides reports whether events of the kind are kept from viewers with the sight, also where they see the keys.
func (s Sight) hides(k EventKind) bool {
	spec := eventSpecs[k]
	return spec != nil && (spec.team && !s.Team || spec.whole && !s.Whole)
}

// OrderEventKinds lists the kinds of events of one order, sorted by name. They carry its snapshot. Clients see only these.
func OrderEventKinds() []EventKind {
	return slices.DeleteFunc(EventKinds(), func(k EventKind) bool { return eventSpecs[k].fold == nil })
}
