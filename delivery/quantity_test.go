package delivery_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"baogong/delivery"
)

func TestQuantity(t *testing.T) {
	t.Parallel()
	t.Run("reads as it was written", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			q := delivery.Quantity(rapid.Int64Range(0, int64(delivery.MaxQuantity)).Draw(t, "thousandths"))
			if got, err := delivery.ParseQuantity(q.String()); err != nil || got != q {
				t.Fatalf("got %v, %v, want %v", got, err, q)
			}
		})
	})
	t.Run("is a plain decimal", func(t *testing.T) {
		t.Parallel()
		for in, want := range map[string]string{"1": "1", "1.5": "1.5", "0.001": "0.001", "007": "7", "1.500": "1.5", "9999999.999": "9999999.999", "-1": "-1", "0": "0"} {
			if got, err := delivery.ParseQuantity(in); err != nil || got.String() != want {
				t.Errorf("%q: got %v, %v, want %s", in, got, err, want)
			}
		}
		for _, in := range []string{"", " ", ".", "1.", "1.0001", "1e3", "+1", "1,5", "0x1", "1.-1", "1.+1", "一", "NaN", "Infinity", "1_000", "99999999999999999999", "--1", "1.2.3", "-", "--", "-."} {
			if got, err := delivery.ParseQuantity(in); delivery.CodeOf(err) != delivery.CodeBadUserInput {
				t.Errorf("%q: got %v, %v, want BAD_USER_INPUT", in, got, err)
			}
		}
	})
	t.Run("may be given as a number", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			in   any
			want delivery.Quantity
		}{{json.Number("1.5"), 1500}, {2, 2000}, {int64(3), 3000}, {0.25, 250}, {"4.125", 4125}} {
			var got delivery.Quantity
			if err := got.UnmarshalGQL(c.in); err != nil || got != c.want {
				t.Errorf("%v: got %v, %v, want %v", c.in, got, err, c.want)
			}
		}
		for _, in := range []any{nil, true, 0.30000000000000004, 1e300, []any{}} {
			var got delivery.Quantity
			if err := got.UnmarshalGQL(in); delivery.CodeOf(err) != delivery.CodeBadUserInput {
				t.Errorf("%v: got %v, %v, want BAD_USER_INPUT", in, got, err)
			}
		}
	})
}
