package delivery

import (
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
)

// Quantity counts thousandths of a unit, as numeric(10,3) does: 1500 is 1.5.
type Quantity int64

// MaxQuantity is the largest quantity the database holds.
const MaxQuantity Quantity = 9_999_999_000

// ReasonQuantityDecimals refuses a text that is no quantity.
var ReasonQuantityDecimals = NewReason("QUANTITY_DECIMALS", CodeBadUserInput,
	"%q is not a quantity: write a decimal with at most three places, such as 1.5.",
	"“%s”不是有效的数量：请填写最多三位小数的数字，例如 1.5。")

// ParseQuantity parses a plain decimal with at most three places, also in full-width characters and with white space around
// it. It fails with BAD_USER_INPUT, also for a comma, which separates thousands in one country and decimals in another.
func ParseQuantity(s string) (Quantity, error) {
	bad := Refuse(ReasonQuantityDecimals, cut(s, 40))
	s = strings.TrimSpace(typed(s))
	whole, frac, _ := strings.Cut(s, ".")
	if len(s) > 16 || len(frac) > 3 || strings.Trim(whole, "-")+frac == "" || strings.HasSuffix(s, ".") || strings.ContainsAny(frac, "+-") {
		return 0, bad
	}
	n, err := strconv.ParseInt(whole+(frac + "000")[:3], 10, 64)
	if err != nil || strings.HasPrefix(whole, "+") {
		return 0, bad
	}
	return Quantity(n), nil
}

// String writes the decimal without trailing zeros.
func (q Quantity) String() string {
	sign, n := "", int64(q)
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%03d", sign, n/1000, n%1000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// MarshalGQL writes the quantity as a JSON string, so that no client rounds it.
func (q Quantity) MarshalGQL(w io.Writer) { writeString(w, q.String()) }

// UnmarshalGQL reads a decimal given as a string or a number.
func (q *Quantity) UnmarshalGQL(v any) (err error) {
	switch v := v.(type) {
	case string:
		*q, err = ParseQuantity(v)
	case json.Number:
		*q, err = quantityOf(v.String())
	case int:
		*q, err = ParseQuantity(strconv.Itoa(v))
	case int64:
		*q, err = ParseQuantity(strconv.FormatInt(v, 10))
	case float64:
		*q, err = ParseQuantity(strconv.FormatFloat(v, 'f', -1, 64))
	default:
		err = Refuse(ReasonQuantityDecimals, cut(fmt.Sprint(v), 40))
	}
	return err
}

// quantityOf parses a JSON number, where 1e1 and 10.0 equal 10.
func quantityOf(number string) (Quantity, error) {
	bad := Refuse(ReasonQuantityDecimals, cut(number, 40))
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	if len(mantissa) > 40 {
		return 0, bad
	}
	if e, err := strconv.Atoi(exponent); exponent != "" && (err != nil || e < -40 || e > 40) {
		return 0, bad // longer than any quantity, and 1e999999999 would take a gigabyte
	}
	exact, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, bad
	}
	exact.Mul(exact, big.NewRat(1000, 1))
	if !exact.IsInt() || !exact.Num().IsInt64() {
		return 0, bad
	}
	return Quantity(exact.Num().Int64()), nil
}

// cut shortens a text that is quoted back to its sender.
func cut(s string, runes int) string {
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	return string(r[:runes]) + "…"
}
