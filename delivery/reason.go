package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Reason is the stable name of one refusal, finer than its Code. New reasons may be added. Only NewReason and NewWordedReason
// make one, and reading a stored refusal, which may name a reason of another release.
type Reason struct{ name string }

// sentence is what a reason says: its kind, and one full sentence in each language.
type sentence struct {
	code   Code
	en, zh string
	worded bool // the arguments are translated with words
}

// sentences are the declared reasons. They are written only while packages are initialised, and so read without a lock.
var sentences = map[Reason]sentence{}

// NewReason declares a refusal: its name on the wire, its code, and its sentence in English and Chinese, with the same verbs of
// fmt in the same order. Arguments fill in the sentence as they are. Declare a refusal as a package variable beside the rule that
// raises it. NewReason panics if the name is taken or anything is missing.
func NewReason(name string, code Code, english, chinese string) Reason {
	return declare(name, sentence{code, english, chinese, false})
}

// NewWordedReason is NewReason for a sentence whose arguments are words of ours, such as stages and kinds: the Chinese sentence
// has them in Chinese. Texts of users need NewReason, since one may equal a word.
func NewWordedReason(name string, code Code, english, chinese string) Reason {
	return declare(name, sentence{code, english, chinese, true})
}

func declare(name string, s sentence) Reason {
	r := Reason{name}
	if _, taken := sentences[r]; taken {
		panic("delivery: the reason " + name + " is declared twice")
	}
	if name == "" || s.code == "" || s.en == "" || s.zh == "" {
		panic(fmt.Sprintf("delivery: the reason %q needs a name, a code and two sentences", name))
	}
	sentences[r] = s
	return r
}

// Reasons returns every reason that the program declares, sorted by name.
func Reasons() []Reason {
	return slices.SortedFunc(maps.Keys(sentences), func(a, b Reason) int { return strings.Compare(a.name, b.name) })
}

// String returns the name of the reason, empty for the zero Reason.
func (r Reason) String() string { return r.name }

// MarshalText returns the name of the reason.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.name), nil }

// UnmarshalText takes any name: another release may have stored a reason that this one does not know.
func (r *Reason) UnmarshalText(b []byte) error {
	r.name = string(b)
	return nil
}
