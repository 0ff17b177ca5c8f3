package embedded

import (
	"errors"
	"fmt"
)

// The kinds of refusal. The error that Start returns for one is a full sentence for people.
var (
	// ErrInUse: another program or another PostgreSQL works in the folder.
	ErrInUse = errors.New("the database folder is in use")
	// ErrNoBinaries: no PostgreSQL that can open the folder was found or could be fetched.
	ErrNoBinaries = errors.New("no PostgreSQL was found")
	// ErrUnusable: the folder is not one that Start made, or this user cannot work in it.
	ErrUnusable = errors.New("the database folder cannot be used")
)

// refusal is a sentence of one of the kinds.
type refusal struct {
	kind     error
	sentence string
}

func (r *refusal) Error() string { return r.sentence }
func (r *refusal) Unwrap() error { return r.kind }

func refuse(kind error, format string, args ...any) error {
	return &refusal{kind, fmt.Sprintf(format, args...)}
}
