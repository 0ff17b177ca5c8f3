package db

import "errors"

// errWrites ends a look where a change would begin.
var errWrites = errors.New("db: a look changes nothing")

// Judge runs do twice and returns its result: first as a look, a dry run that takes no locks and ends where a change would
// begin, and then, if it was not refused, with its locks. So a refused call takes no lock that others wait for, and a change is
// judged under its locks. The checks in before run between the two, without locks.
func Judge[T any](t *Tx, do func() (T, error), before ...func() error) (T, error) {
	var out T
	err := t.Look(func() (err error) {
		out, err = do()
		return err
	})
	if !errors.Is(err, errWrites) {
		return out, err
	}
	for _, check := range before {
		if err := check(); err != nil {
			return out, err
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

// Decided ends a look. Call it after the checks, before work that only a change needs.
func (t *Tx) Decided() error {
	if t.looking {
		return errWrites
	}
	return nil
}

// locking returns the clause with which a statement locks its rows, or "" in a look.
func (t *Tx) locking(clause string) string {
	if t.looking {
		return ""
	}
	return "\n   " + clause
}
