package delivery_test

import (
	"strings"
	"testing"

	"baogong/delivery"
)

// A newer release may give a field another meaning, or append kinds of its own. This one keeps the fields of its events that
// it understands.
func TestBodiesOfANewerRelease(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		kind   delivery.EventKind
		body   string
		undoes int64
		from   string
		order  string
	}{
		{"another version of a body", "MOVE_UNDONE", `{"v": 2, "reason": {"code": "X"}, "day": 7, "undoes": 3}`, 3, "", ""},
		{"another version has members of other kinds", "ORDER_PLACED", `{"v": 2, "reason": {"code": "X"}, "from": "PLACED", "undoes": 3}`, 3, "PLACED", ""},
		{"a snapshot that cannot be shown", "ORDER_MOVED", `{"v": 2, "order": {"stage": ["IN_BIN"]}}`, 0, "", ""},
		{"a snapshot with a member that is not known", "ORDER_MOVED", `{"v": 2, "order": {"id": "o1", "bin": "C3"}, "from": "PLACED"}`, 0, "PLACED", "o1"},
		{"a kind that is not known", "DRONE_LANDED", `{"v": 1, "order": {"id": "o1"}, "bin": "C3", "from": "AT_GATE", "undoes": 4}`, 4, "AT_GATE", "o1"},
		{"a kind that is not known, with a member of another type", "DRONE_LANDED", `{"v": 1, "order": {"id": "o1"}, "hold": 7, "from": "AT_GATE"}`, 0, "AT_GATE", "o1"},
		{"no version", "MOVE_UNDONE", `{"undoes": 3}`, 3, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := &delivery.Event{Kind: c.kind}
			if err := e.UnmarshalBody(c.body); err != nil {
				t.Fatal(err)
			}
			var undoes int64
			if v := e.UndoneVersion(); v != nil {
				undoes = *v
			}
			var from, order string
			if v := e.From(); v != nil {
				from = string(*v)
			}
			if e.Order != nil {
				order = string(e.Order.UUID)
			}
			if undoes != c.undoes || from != c.from || order != c.order {
				t.Errorf("got %d, %q, order %q, want %d, %q, order %q", undoes, from, order, c.undoes, c.from, c.order)
			}
			if text, err := e.MarshalBody(); err == nil {
				t.Errorf("it can be written: %s", text)
			}
		})
	}
	for kind, body := range map[delivery.EventKind]string{"DAY_STARTED": `{"v": 1, "day": 7}`, "ORDER_MOVED": `{"v": 1, "order": {"stage": ["IN_BIN"]}}`, "DRONE_LANDED": `{"v": 1,`} {
		if err := (&delivery.Event{Kind: kind}).UnmarshalBody(body); err == nil {
			t.Errorf("%s %s, a broken body: got no error", kind, body)
		}
	}
}

// An event is stored only with a body of its own kind.
func TestBodiesFitTheirKind(t *testing.T) {
	t.Parallel()
	for _, e := range []*delivery.Event{
		{Kind: delivery.OrderMoved, Body: &delivery.UndoBody{}}, {Kind: delivery.OrderMoved, Body: delivery.MoveBody{}},
		{Kind: delivery.OrderPlaced, Body: &delivery.MoveBody{}}, {Kind: "DRONE_LANDED"},
	} {
		if text, err := e.MarshalBody(); err == nil || !strings.Contains(err.Error(), string(e.Kind)) {
			t.Errorf("%s with a %T: got %s, %v, want an error that names the kind", e.Kind, e.Body, text, err)
		}
	}
}
