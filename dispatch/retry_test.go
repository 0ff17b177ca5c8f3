package dispatch_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/access"
)

// fault has the database end the next n transactions that write to a table, as it ends one of two that wait for each
// other.
func (e *house) fault(n int, table, verb string) {
	e.t.Helper()
	e.column(`
		create sequence faults_` + table + ` maxvalue 100;
		create function fault_` + table + `() returns trigger language plpgsql as $$ begin
			if nextval('faults_` + table + `') <= ` + strconv.Itoa(n) + ` then raise exception 'deadlock detected' using errcode = '40P01'; end if;
			return new;
		end $$;
		create trigger fault before ` + verb + ` on ` + table + ` for each row execute function fault_` + table + `()`)
}

// What the database ends for reasons of its own is tried again, and people notice nothing of it.
func TestSigningInIsTriedAgain(t *testing.T) {
	t.Parallel()
	t.Run("redeemCode", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.invite(e.team["S01"])
		e.fault(2, "tokens", "insert")
		if token, why := e.redeem(c); token == "" {
			t.Errorf("got %s, want a token", why)
		}
	})
	t.Run("refreshToken", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		old, _ := e.redeem(e.card(e.homes[0]))
		e.fault(2, "tokens", "insert")
		if token, why := e.refresh(old); token == "" {
			t.Errorf("got %s, want a token", why)
		}
	})
	t.Run("a token that is used twice", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		old, _ := e.redeem(e.card(e.homes[0]))
		fresh, _ := e.refresh(old)
		e.who(fresh)
		e.wait(delivery.ReplacedGrace + time.Second)
		e.fault(2, "sessions", "update")
		if _, why := e.who(old); why != access.ReasonTokenReused {
			t.Errorf("got %s, want TOKEN_REUSED", why)
		}
		if _, why := e.who(fresh); why != delivery.ReasonBadToken {
			t.Errorf("the new one: got %s, want BAD_TOKEN", why)
		}
	})
	t.Run("signOut", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		token, _ := e.redeem(e.card(e.homes[0]))
		a, _ := e.who(token)
		e.fault(2, "sessions", "update")
		if p := must(e.d.Access.SignOut(t.Context(), a, access.SignOutInput{Everywhere: true})); !p.SignedOut {
			t.Errorf("got %+v", p)
		}
	})
	t.Run("not for ever", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		token, _ := e.redeem(e.card(e.homes[0]))
		a, _ := e.who(token)
		e.fault(3, "sessions", "update")
		if p, err := e.d.Access.SignOut(t.Context(), a, access.SignOutInput{}); err == nil {
			t.Errorf("got %+v, want an error", p)
		}
	})
}

// A call that ends sign-ins locks them in id order, not in the table's order: else two that end
// the same wait for each other.
func TestSignInsAreLockedInOrder(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(e *house, codes []delivery.ID, a delivery.Actor) error{
		"revokeCodes": func(e *house, codes []delivery.ID, _ delivery.Actor) error {
			_, err := e.d.Access.RevokeCodes(context.WithoutCancel(e.t.Context()), e.commander, access.RevokeCodesInput{CodeIds: codes})
			return err
		},
		"endSessions": func(e *house, _ []delivery.ID, _ delivery.Actor) error {
			_, err := e.d.Access.EndSessions(context.WithoutCancel(e.t.Context()), e.commander, access.EndSessionsInput{SubjectIds: e.homes[:1]})
			return err
		},
		"signOut": func(e *house, _ []delivery.ID, a delivery.Actor) error {
			_, err := e.d.Access.SignOut(context.WithoutCancel(e.t.Context()), a, access.SignOutInput{Everywhere: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			p := must(e.d.Access.IssueCards(t.Context(), e.commander, access.IssueCardsInput{HouseholdIds: e.homes[:1]}))
			var a delivery.Actor
			for _, device := range []string{"phone", "tablet", "watch"} {
				token, _ := e.redeem(*p.Results[0].Secret, device)
				a, _ = e.who(token)
			}
			// Behind the others in the table and its indexes.
			e.column(`insert into sessions select '00000000-0000-7000-8000-000000000000', account_id, code_id, created_at from sessions limit 1`)
			ids := e.column(`select id from sessions order by id`)
			conn := must(sql.Open("postgres", e.dsn))
			defer conn.Close()
			tx := must(conn.BeginTx(t.Context(), nil))
			if _, err := tx.ExecContext(t.Context(), `select from sessions where id = $1 for update`, ids[0]); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- end(e, []delivery.ID{*p.Results[0].CodeID}, a) }()
			e.blocked()
			if free := e.column(`select id from sessions where id <> $1 order by id for update skip locked`, ids[0]); !slices.Equal(free, ids[1:]) {
				t.Errorf("while it waits for the first, others are locked already: free are %v of %v", free, ids[1:])
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// blocked waits until a transaction of the database waits for another.
func (e *house) blocked() {
	e.t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); {
		if n := e.column(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`); n[0] != "0" {
			return
		}
	}
	e.t.Fatal("nothing waits")
}

// A transaction that was to be tried again, of a caller who has gone meanwhile, ends with the error of the caller's context.
func TestNoRetryForCallersWhoHaveGone(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx, leave := context.WithCancel(t.Context())
	tried := 0
	err := e.d.InTx(ctx, func(*db.Tx) error {
		tried++
		leave()
		return dispatch.MarkRetryable(errors.New("changed"))
	})
	if tried != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("tried %d times, got %v, want the context's error after one", tried, err)
	}
}
