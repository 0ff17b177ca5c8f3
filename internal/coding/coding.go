// Package coding reads which content codings a client accepts.
package coding

import "strings"

// Accepts reports whether an Accept-Encoding header accepts a coding, such as "br" or "gzip". The coding's own entry takes precedence over "*".
func Accepts(header, coding string) bool {
	others := false
	for part := range strings.SplitSeq(header, ",") {
		named, weight, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(part, " ", "")), ";")
		refused := strings.HasPrefix(weight, "q=0") && strings.Trim(weight[len("q=0"):], ".0") == ""
		switch strings.TrimPrefix(named, "x-") {
		case coding:
			return !refused
		case "*":
			others = !refused
		}
	}
	return others
}
