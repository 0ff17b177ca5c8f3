package delivery

import (
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of texts and lists. The database checks the same lengths, in characters.
const (
	MaxCode      = 32
	MaxName      = 80
	MaxNote      = 500
	MaxPhone     = 25
	MaxUnitWord  = 16
	MaxBulk      = 1000 // items in one call
	MaxLines     = 100  // lines of one order
	MaxCallKey   = 64   // bytes of a clientMutationId
	MaxPage      = 200
	DefaultPage  = 50
	MaxNeeds     = 20
	MaxBuildings = 50 // served by one volunteer
	MaxHolds     = 20 // open at once on one order or building

	MaxPriceFen = 100_000_000           // of one unit: a million yuan
	MaxTotalFen = 9_007_199_254_740_991 // of an order: 53 bits, what JSON carries exactly
)

// The refusals of texts, times and phone numbers.
var (
	ReasonBadText = NewReason("BAD_TEXT", CodeBadUserInput,
		"The text contains characters that cannot be stored.",
		"文字中含有无法保存的字符。")
	ReasonMissing = NewReason("MISSING", CodeBadUserInput,
		"This must not be empty.",
		"此处不能为空。")
	ReasonTooLong = NewReason("TOO_LONG", CodeBadUserInput,
		"At most %d characters are allowed here; this has %d.",
		"最多 %d 个字，现有 %d 个字。")
	ReasonBadTime = NewReason("BAD_TIME", CodeBadUserInput,
		"This time is out of range; it must be between the years 2000 and 2100.",
		"时间不合理，必须在 2000 年至 2100 年之间。")
	ReasonNotFuture = NewReason("NOT_FUTURE", CodeBadUserInput,
		"This time must be in the future.",
		"时间必须在将来。")
	ReasonBadPhone = NewReason("BAD_PHONE", CodeBadUserInput,
		"A phone number has 5 to 20 digits, and may have spaces, hyphens and a leading +.",
		"电话号码应为 5 至 20 位数字，可含空格、连字符和开头的 +。")
)

// CheckText refuses text that is too long or not UTF-8, and text with control characters other than line breaks, bidirectional
// overrides or noncharacters. If needed is set it also refuses text without a visible character. Emoji, accents, joiners and
// direction marks are allowed.
func CheckText(s string, limit int, needed bool) *Error {
	if !utf8.ValidString(s) {
		return Refuse(ReasonBadText)
	}
	if needed && strings.TrimSpace(s) == "" {
		return Refuse(ReasonMissing)
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return Refuse(ReasonTooLong, limit, n)
	}
	for _, r := range s {
		if (unicode.IsControl(r) && r != '\n' && r != '\t') || r == utf8.RuneError || reorders(r) {
			return Refuse(ReasonBadText)
		}
	}
	if needed && !Visible(s) {
		return Refuse(ReasonMissing)
	}
	return nil
}

// CheckCode refuses a text that people could not read, type and distinguish as a short name, such as a building's code or a
// room. It refuses empty and too long texts, spaces around them, line breaks and invisible characters.
func CheckCode(s string) *Error {
	if refusal := CheckText(s, MaxCode, true); refusal != nil {
		return refusal
	}
	if strings.TrimSpace(s) != s || strings.ContainsFunc(s, unseen) {
		return Refuse(ReasonBadText)
	}
	return nil
}

// unseen reports whether a character is invisible or changes the order of others.
func unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// CheckTime refuses times outside the years 2000 to 2100.
func CheckTime(t time.Time) *Error {
	if y := t.UTC().Year(); y < 2000 || y >= 2100 {
		return Refuse(ReasonBadTime)
	}
	return nil
}

// CheckFuture refuses what CheckTime refuses, and times that are not after now.
func CheckFuture(t, now time.Time) *Error {
	if refusal := CheckTime(t); refusal != nil {
		return refusal
	}
	if !t.After(now) {
		return Refuse(ReasonNotFuture)
	}
	return nil
}

// PersonName is a person's name. It always prints masked (王**); only Reveal returns it whole.
type PersonName string

// Mask returns the first visible character, with its accents, followed by asterisks.
func (n PersonName) Mask() string {
	s := string(n)
	first := strings.IndexFunc(s, visible)
	if first < 0 {
		if s == "" {
			return ""
		}
		return "**"
	}
	_, size := utf8.DecodeRuneInString(s[first:])
	shown, rest := s[first:first+size], s[first+size:]
	marks := strings.IndexFunc(rest, func(r rune) bool { return !unicode.Is(unicode.M, r) })
	if marks < 0 {
		marks = len(rest)
	}
	shown, rest = shown+rest[:marks], rest[marks:]
	if !Visible(rest) {
		return shown
	}
	return shown + "**"
}

// Reveal returns the whole name. Call it only from a verb that records the reading, or to store the name.
func (n PersonName) Reveal() string { return string(n) }

// String returns it masked, so that logs and errors cannot leak it.
func (n PersonName) String() string { return n.Mask() }

// LogValue returns it masked.
func (n PersonName) LogValue() slog.Value { return slog.StringValue(n.Mask()) }

// MarshalGQL writes the masked name.
func (n PersonName) MarshalGQL(w io.Writer) { writeString(w, n.Mask()) }

// UnmarshalGQL reads a name whole.
func (n *PersonName) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Refuse(ReasonBadText)
	}
	*n = PersonName(s)
	return nil
}

// Phone is a telephone number. It always prints masked (138****1234); only Reveal returns it whole.
type Phone string

// Mask keeps the first three and the last four digits of a long number, and the last two of a short one.
func (p Phone) Mask() string {
	s := string(p)
	switch {
	case len(s) >= 11:
		return s[:3] + "****" + s[len(s)-4:]
	case len(s) >= 4:
		return "****" + s[len(s)-2:]
	case s == "":
		return ""
	}
	return "****"
}

// Tail returns the digits that a printed label may show: the last four, or the last two of a number of fewer than seven.
func (p Phone) Tail() string {
	digits := make([]byte, 0, len(p))
	for i := range len(p) {
		if p[i] >= '0' && p[i] <= '9' {
			digits = append(digits, p[i])
		}
	}
	shown := 4
	if len(digits) < 7 {
		shown = 2
	}
	return string(digits[max(0, len(digits)-shown):])
}

// Reveal returns the whole number. Call it only from a verb that records the reading, or to store the number.
func (p Phone) Reveal() string { return string(p) }

// String returns it masked, so that logs and errors cannot leak it.
func (p Phone) String() string { return p.Mask() }

// LogValue returns it masked.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.Mask()) }

// MarshalGQL writes the masked number.
func (p Phone) MarshalGQL(w io.Writer) { writeString(w, p.Mask()) }

// UnmarshalGQL reads a number whole.
func (p *Phone) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Refuse(ReasonBadPhone)
	}
	*p = Phone(s)
	return nil
}

// Normal returns the number as it is stored, with plain digits, spaces and hyphens. Brackets around an area code become spaces,
// and dots between groups become hyphens.
func (p Phone) Normal() Phone {
	plain := strings.NewReplacer("(", " ", ")", " ", ".", "-").Replace(typed(string(p)))
	return Phone(strings.Join(strings.Fields(plain), " "))
}

// Check refuses a text that is not a telephone number. An empty text means none and is allowed.
func (p Phone) Check() *Error {
	if p == "" {
		return nil
	}
	digits := 0
	for i, r := range string(p) {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == ' ' || r == '-' || (r == '+' && i == 0):
		default:
			return Refuse(ReasonBadPhone)
		}
	}
	if digits < 5 || digits > 20 || len(p) > MaxPhone {
		return Refuse(ReasonBadPhone)
	}
	return nil
}

func writeString(w io.Writer, s string) {
	b, err := json.Marshal(s)
	if err != nil {
		b = []byte(`""`)
	}
	_, _ = w.Write(b)
}
