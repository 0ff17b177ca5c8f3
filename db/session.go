package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// SignIn is the state of a token: its account, and whether another token has replaced it.
type SignIn struct {
	Hash    []byte         `db:"hash"`
	Session delivery.UUID  `db:"session_id"`
	Code    *delivery.UUID `db:"code_id"`
	Account
	ExpiresAt time.Time  `db:"expires_at"`
	UsedAt    *time.Time `db:"used_at"`
	Begun     time.Time  `db:"begun_at"`
	Ended     bool       `db:"ended"` // the sign-in or the account has ended

	Successor     []byte     `db:"successor"` // the token that replaces it
	SuccessorAt   *time.Time `db:"successor_at"`
	SuccessorUsed *time.Time `db:"successor_used_at"`
	SuccessorEnds *time.Time `db:"successor_expires_at"`
}

const selectSignIn = `
	select t.hash, t.session_id, s.code_id, a.id, r.role, r.community_id, r.row_id, a.issuer, a.subject, t.expires_at, t.used_at, s.created_at as begun_at,
	       s.ended_at is not null or a.ended_at is not null as ended,
	       n.hash as successor, n.created_at as successor_at, n.used_at as successor_used_at, n.expires_at as successor_expires_at
	  from tokens t
	  join sessions s on s.id = t.session_id
	  join accounts a on a.id = s.account_id
	  join roles r on r.account_id = a.id
	  left join tokens n on n.replaces = t.hash
	 where t.hash = $1
	 order by r.community_id` // a city official has a role in each community that the city counts

// UnscopedSignIn reads the sign-in of a token. It fails with ErrNoRow for a token that was never issued.
func (d *DB) UnscopedSignIn(ctx context.Context, hash []byte) (*SignIn, error) {
	rows, err := list[*SignIn](ctx, d, "read a sign-in by token", selectSignIn, hash)
	return first(rows, err)
}

// LockSignIn locks a token and its sign-in, and returns the sign-in. It fails with ErrNoRow for a token that was never issued.
func (t *Tx) LockSignIn(ctx context.Context, hash []byte) (*SignIn, error) {
	// The replacing token may be inserted while we wait for the lock, so it is read after that.
	if !t.looking {
		if _, err := t.exec(ctx, "lock the sign-in of a token", `select s.id from sessions s join tokens t on t.session_id = s.id where t.hash = $1 for update of s`, hash); err != nil {
			return nil, err
		}
	}
	rows, err := listTx[*SignIn](ctx, t, "read a locked sign-in by token", selectSignIn, hash)
	return first(rows, err)
}

// LockSession locks an open sign-in and returns it. It fails with ErrNoRow if the sign-in has ended.
func (t *Tx) LockSession(ctx context.Context, id delivery.UUID) (*SignIn, error) {
	// All sign-ins of the account: signing out everywhere ends the others too.
	if _, err := t.lockSessions(ctx, "s.account_id = (select x.account_id from sessions x where x.id = $1)", id); err != nil {
		return nil, err
	}
	rows, err := listTx[*SignIn](ctx, t, "lock a sign-in", `
		select s.id as session_id, a.id, r.role, r.community_id, r.row_id, a.issuer, a.subject, s.created_at as begun_at
		  from sessions s
		  join accounts a on a.id = s.account_id
		  join roles r on r.account_id = a.id
		 where s.id = $1 and s.ended_at is null
		 order by r.community_id`+t.locking("for update of s"), id)
	return first(rows, err)
}

// lockSessions locks the open sign-ins s that meet a fixed condition, in id order, and returns their ids. A bare update
// would lock in scan order, and two of them could deadlock. The caller must end only these ids: a sign-in that begins later
// would be locked out of order.
func (t *Tx) lockSessions(ctx context.Context, which string, args ...any) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "lock sign-ins", "select s.id from sessions s\n where s.ended_at is null and "+which+"\n order by s.id"+t.locking("for update"), args...)
}

// InsertSession begins a sign-in of the account, with or without a code.
func (t *Tx) InsertSession(ctx context.Context, id, account delivery.UUID, code *delivery.UUID, at time.Time) error {
	_, err := t.exec(ctx, "insert a sign-in", `insert into sessions (id, account_id, code_id, created_at) values ($1, $2, $3, $4)`, id, account, code, at)
	return err
}

// InsertToken inserts a token of a sign-in. replaces is the hash of the token it replaces, nil for the first.
func (t *Tx) InsertToken(ctx context.Context, hash []byte, session delivery.UUID, replaces []byte, at, expires time.Time) error {
	_, err := t.exec(ctx, "insert a token", `insert into tokens (hash, session_id, replaces, created_at, expires_at) values ($1, $2, $3, $4, $5)`, hash, session, replaces, at, expires)
	return err
}

// CommunitiesCalled returns the communities with the codes, by code.
func (t *Tx) CommunitiesCalled(ctx context.Context, codes []string) (map[string]int32, error) {
	rows, err := listTx[struct {
		Code string `db:"code"`
		ID   int32  `db:"community_id"`
	}](ctx, t, "find communities by code", `select code, community_id from communities where code = any(cast($1 as text[]))`, pq.StringArray(codes))
	out := map[string]int32{}
	for _, r := range rows {
		out[r.Code] = r.ID
	}
	return out, err
}

// CommunityIDs returns every community.
func (t *Tx) CommunityIDs(ctx context.Context) ([]int32, error) {
	return listTx[int32](ctx, t, "read the ids of the communities", `select community_id from communities order by community_id`)
}

// EndSession ends a sign-in.
func (t *Tx) EndSession(ctx context.Context, id delivery.UUID, at time.Time) error {
	_, err := t.exec(ctx, "end a sign-in", `update sessions set ended_at = $2 where id = $1 and ended_at is null`, id, at)
	return err
}

// EndSessionsOfAccount ends every sign-in of an account.
func (t *Tx) EndSessionsOfAccount(ctx context.Context, account delivery.UUID, at time.Time) error {
	locked, err := t.lockSessions(ctx, "s.account_id = $1", account)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "end an account's sign-ins", `update sessions set ended_at = $2 where id = any(cast($1 as uuid[]))`, pq.StringArray(texts(locked)), at)
	return err
}

// UnscopedUseToken records the first use of a token in a request.
func (d *DB) UnscopedUseToken(ctx context.Context, hash []byte, at time.Time) error {
	return d.InTx(ctx, func(t *Tx) error { return t.UseToken(ctx, hash, at) })
}

// UseToken records that the client has received a token.
func (t *Tx) UseToken(ctx context.Context, hash []byte, at time.Time) error {
	_, err := t.exec(ctx, "mark a token as used", `update tokens set used_at = $2 where hash = $1 and used_at is null`, hash, at)
	return err
}
