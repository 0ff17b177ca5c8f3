package delivery

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShort is how many columns a supplier's short name takes on a label. A Chinese character takes two.
const maxShort = 8

// ShortName returns the supplier's name as labels show it: its beginning, of four Chinese characters or eight others at most.
// A name of several words is cut after a word.
func (s *Supplier) ShortName() string {
	name, columns := strings.TrimSpace(s.Name), 0
	for at, r := range name {
		columns++
		if utf8.RuneLen(r) > 2 {
			columns++
		}
		if columns <= maxShort {
			continue
		}
		if words := strings.LastIndexFunc(name[:at+utf8.RuneLen(r)], unicode.IsSpace); words > 0 {
			at = words
		}
		return strings.TrimSpace(name[:at])
	}
	return name
}

// Labels returns the text of the label of each of the order's bags: the door, the phone's tail, the supplier's short name with
// the bag and how many there are, and the order's number with its check digit, E6-1-1203 · 1234 · 盒马 1/2 · #241-0. A
// part that the order lacks is left out. The supplier may be nil.
func (o *Order) Labels(supplier *Supplier) []string {
	from := ""
	if supplier != nil {
		if from = supplier.ShortName(); from != "" {
			from += " "
		}
	}
	out := make([]string, o.Bags())
	for i := range out {
		out[i] = fmt.Sprintf("%s · %s%d/%d · #%s", o.Label(), from, i+1, len(out), CheckedNumber(o.Number))
	}
	return out
}

// BagLabel is the label of one bag of an order.
type BagLabel struct {
	Bag    int // 1, 2, 3 …
	Text   string
	QRText string // what its QR code says
}

// BagLabels returns the label of each of the order's bags with what its QR code says. The supplier may be nil.
func (o *Order) BagLabels(supplier *Supplier) []*BagLabel {
	texts := o.Labels(supplier)
	out := make([]*BagLabel, len(texts))
	for i, text := range texts {
		out[i] = &BagLabel{Bag: i + 1, Text: text, QRText: o.QRText(i + 1)}
	}
	return out
}

// CheckedNumber returns the order's number with its check digit, as labels show it: 241-0.
func CheckedNumber(number int64) string { return fmt.Sprintf("%d-%d", number, checkDigit(number)) }

// checkDigit returns the digit that makes the number valid by the Luhn formula (ISO/IEC 7812-1, annex B). It finds each single
// wrong digit, and each swap of neighbours but 09 and 90.
func checkDigit(number int64) int {
	sum := 0
	for double := true; number > 0; double, number = !double, number/10 {
		digit := int(number % 10)
		if double {
			digit *= 2
		}
		sum += digit/10 + digit%10
	}
	return (10 - sum%10) % 10
}

// QRText returns what the QR code of one of the order's bags says: the order's id and the bag, and nothing about the household.
func (s *OrderSnapshot) QRText(bag int) string { return fmt.Sprintf("%s/%d", s.OrderID(), bag) }

// Label is what was read from a bag: which order, and which of its bags.
type Label struct {
	OrderID *ID   // from a QR code; nil: the number says it
	Number  int64 // of the order; 0 if the QR code said its id
	Bag     int   // 1, 2, 3 …; 0 if it was not read
}

// The refusals of labels.
var (
	ReasonNoLabel = NewReason("NO_LABEL", CodeBadUserInput,
		"This is neither a label nor an order number.",
		"这不是标签，也不是订单号。")
	ReasonWrongCheckDigit = NewReason("WRONG_CHECK_DIGIT", CodeBadUserInput,
		"The last digit of %d-%d does not fit the number: a digit was read or typed wrongly.",
		"%d-%d 的末位校验不符，请核对号码。")
)

// maxLabel is how many characters ParseLabel reads, more than the longest label has.
const maxLabel = 300

var (
	labelQR     = regexp.MustCompile(`^([A-Za-z0-9_-]{30}) ?/ ?([0-9]{1,3})$`)
	labelNumber = regexp.MustCompile(`^(?:#|no\.?|№|订单号|订单)? ?:? ?([0-9]{1,18})(?: ?- ?([0-9]))?$`)
	labelEnd    = regexp.MustCompile(`(?:([0-9]{1,3}) ?/ ?([0-9]{1,3})[^0-9/]*)?# ?([0-9]{1,18}) ?- ?([0-9])$`)
)

// ParseLabel reads what was scanned or typed from a bag: the text of a label, its number with or without # and check digit
// (#241-0, 241-0, 241), or the text of its QR code. Full-width characters and spaces do not matter. It fails with
// BAD_USER_INPUT if the text is none of these or the check digit is wrong. The number of a whole label must have its check
// digit: without it the text may have been cut off within the number.
func ParseLabel(text string) (Label, *Error) {
	if utf8.RuneCountInString(text) > maxLabel {
		return Label{}, Refuse(ReasonNoLabel)
	}
	key := strings.Join(strings.Fields(typed(text)), " ")
	if m := labelQR.FindStringSubmatch(key); m != nil {
		id, err := ParseID(m[1])
		bag, _ := strconv.Atoi(m[2])
		if err != nil || bag < 1 || bag > MaxBags {
			return Label{}, Refuse(ReasonNoLabel)
		}
		if id.Kind != KindOrder {
			return Label{}, id.WrongKind(KindOrder)
		}
		return Label{OrderID: &id, Bag: bag}, nil
	}
	var number, digit string
	bag := 0
	if m := labelNumber.FindStringSubmatch(strings.ToLower(key)); m != nil {
		number, digit = m[1], m[2]
	} else if m := labelEnd.FindStringSubmatch(key); m != nil {
		number, digit = m[3], m[4]
		bag, _ = strconv.Atoi(m[1])
		if of, _ := strconv.Atoi(m[2]); bag < 0 || bag > of || of > MaxBags {
			return Label{}, Refuse(ReasonNoLabel)
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n == 0 {
		return Label{}, Refuse(ReasonNoLabel)
	}
	if digit == "" {
		return Label{Number: n, Bag: bag}, nil
	}
	if check := int(digit[0] - '0'); check != checkDigit(n) {
		return Label{}, Refuse(ReasonWrongCheckDigit, n, check)
	}
	return Label{Number: n, Bag: bag}, nil
}

// PhoneTail returns the text as the tail of a phone number, if it consists of four digits; else "".
func PhoneTail(text string) string {
	tail := strings.TrimSpace(typed(text))
	if len(tail) != 4 || strings.Trim(tail, "0123456789") != "" {
		return ""
	}
	return tail
}
