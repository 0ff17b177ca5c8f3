package db

import "errors"

// errWrites ends a look where a change would begin.
var errWrites = errors.New("db: a look changes nothing")

// Judge runs do twice: first as a look, a dry run that takes no locks and ends where a change would begin, and then, if it
// was not refused, with its locks. So a refused call takes no lock that others wait for, and a change is judged under its
// locks. do must reset the variables that it fills. The checks in before run between the two, without locks.
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

// Look runs do without locks. It fails with errWrites where do would begin a change.
func (t *Tx) Look(do func() error) error {
	t.looking = true
	defer func() { t.looking = false }()
	return do()
}

// Looking reports whether this is a look, in which nothing is locked.
func (t *Tx) Looking() bool { return t.looking }

// Decided ends a look. Call it when do has judged, before work that only a change needs.
func (t *Tx) Decided() error {
	if t.looking {
		return errWrites
	}
	return nil
}

// locking returns the clause with which a statement locks its rows, or nothing in a look.
func (t *Tx) locking(clause string) string {
	if t.looking {
		return ""
	}
	return "\n   " + clause
}
