package delivery

import (
	"reflect"
	"time"
)

// NounBody is the body of the events that say that a row was created or changed.
type NounBody struct {
	Noun UUID `json:"noun,omitempty"`
}

// savedKind adds the kind of event which says that a row of a noun was saved.
func savedKind(kind EventKind, of Kind, board boardEffect) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[NounBody](), board: board, about: of, row: rowOf(savedRow), team: true})
}

func savedRow(b *NounBody) (UUID, []ActivityNumber) { return b.Noun, nil }

// NewSaved returns the event of a saved row. A community's row is the empty id.
func NewSaved(kind EventKind, by Actor, at time.Time, k Keys, row UUID) *Event {
	if row == "" {
		return NewEvent(kind, by, at, k, nil)
	}
	return NewEvent(kind, by, at, k, &NounBody{Noun: row})
}
