package db

import "errors"

// errWrites ends a look: what follows would change something.
var errWrites = errors.New("db: a look changes nothing")

// Judge runs do first as a look, which locks nothing and ends where it would change something, and then, if it got that
// far, again with its locks. So a call that is refused takes no lock that others wait for, and what is written was judged
// under its locks. do must set anew whatever it fills; what comes before its second run is judged without locks, too.
func (t *Tx) Judge(do func() error, before ...func() error) error {
	if err := t.Look(do); !errors.Is(err, errWrites) {
		return err
	}
	for _, check := range before {
		if err := check(); err != nil {
			return err
		}
	}
	return do()
}

// Look runs do without locks. It fails where do would change something.
func (t *Tx) Look(do func() error) error {
	t.looking = true
	defer func() { t.looking = false }()
	return do()
}

// Looking reports that nothing is locked now.
func (t *Tx) Looking() bool { return t.looking }

// Decided ends a look: call it where the verdict is made, before work that only a change needs.
func (t *Tx) Decided() error {
	if t.looking {
		return errWrites
	}
	return nil
}

// locking is the clause by which a statement locks its rows, or nothing in a look.
func (t *Tx) locking(clause string) string {
	if t.looking {
		return ""
	}
	return "\n   " + clause
}
