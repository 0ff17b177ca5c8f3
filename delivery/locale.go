package delivery

import "strings"

// Locale is the language of a caller.
type Locale string

// The languages of messages.
const (
	English Locale = "en"
	Chinese Locale = "zh-CN"
)

// ParseLocale parses an Accept-Language header or a locale name. It returns the language with the highest weight; on a tie the
// first; a language that is not named rather than one with weight 0; else English.
func ParseLocale(s string) Locale {
	const unnamed, refused = 0, -1
	weights, rest, first := map[Locale]int{}, unnamed, English
	for p := range Preferences(s) {
		weight := p.Weight
		if weight == 0 {
			weight = refused
		}
		var l Locale
		switch language, _, _ := strings.Cut(strings.ReplaceAll(p.Value, "_", "-"), "-"); language {
		case "zh":
			l = Chinese
		case "en":
			l = English
		case "*":
			rest = weight
			continue
		default:
			continue
		}
		if len(weights) == 0 {
			first = l
		}
		if known, ok := weights[l]; !ok || weight > known { // of several regions the one with the highest weight
			weights[l] = weight
		}
	}
	of := func(l Locale) int {
		if weight, ok := weights[l]; ok {
			return weight
		}
		return rest
	}
	switch english, chinese := of(English), of(Chinese); {
	case chinese > english, chinese == english && chinese > unnamed && first == Chinese:
		return Chinese
	}
	return English
}
