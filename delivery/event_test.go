package delivery_test

import (
	"testing"

	"baogong/delivery"
)

// A newer release may give a field another meaning. This one keeps the fields of its events that it understands.
func TestBodiesOfANewerRelease(t *testing.T) {
	t.Parallel()
	var b delivery.EventBody
	if err := b.Scan([]byte(`{"v": 2, "reason": {"code": "X"}, "day": 7, "undoes": 3}`)); err != nil {
		t.Fatal(err)
	}
	if b.V != 2 || b.Undoes != 3 || b.Order != nil {
		t.Errorf("got %+v, want what is understood", b)
	}
	if err := b.Scan([]byte(`{"v": 2, "order": {"stage": ["IN_BIN"]}}`)); err != nil || b.Order != nil {
		t.Errorf("got %+v, %v, want no order that cannot be shown", b, err)
	}
	if err := new(delivery.EventBody).Scan([]byte(`{"v": 1, "day": 7}`)); err == nil {
		t.Error("a broken body of this release: got no error")
	}
}
